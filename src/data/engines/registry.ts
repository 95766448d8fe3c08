import type { DescriptorBudget, Engine, EngineKind } from '../../core/engine.ts';
import { createEpollEngine, tetherEpollThread, whyNoEpoll } from './epoll/engine.ts';
import { createNetEngine } from './net/engine.ts';
import type { Leash, Tether } from './tether.ts';

export type { Leash, Tether } from './tether.ts';

interface EngineMaker {
  readonly create: (budget: DescriptorBudget, tether: Tether | undefined) => Engine;
  /** For an engine that owns its threads. @throws Error when there is no descriptor left */
  readonly tether?: () => Leash;
  /** Why the engine cannot run here; absent for one that runs everywhere. */
  readonly whyNot?: () => string | undefined;
}

/** One line for each engine. */
const engines: Readonly<Record<EngineKind, EngineMaker>> = {
  epoll: { create: createEpollEngine, tether: tetherEpollThread, whyNot: whyNoEpoll },
  net: { create: createNetEngine },
};

/** @throws Error when the engine cannot run here */
export function createEngine(kind: EngineKind, budget: DescriptorBudget, tether: Tether | undefined): Engine {
  return engines[kind].create(budget, tether);
}

/** @returns undefined for an engine that runs under Node's event loop @throws Error as the engine's `tether` */
export function createLeash(kind: EngineKind): Leash | undefined {
  return engines[kind].tether?.();
}

/** @returns why an engine cannot run here, undefined when it can */
export function whyNoEngine(kind: EngineKind): string | undefined {
  return engines[kind].whyNot?.();
}
