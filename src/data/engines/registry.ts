import type { DescriptorBudget, Engine, EngineKind } from '../../core/engine.ts';
import { createEpollEngine, tetherEpollThread, whyNoEpoll } from './epoll/engine.ts';
import { createNetEngine } from './net/engine.ts';

/** What the main thread shares with a thread that its engine owns. */
export interface Tether {
  /** A descriptor that the main thread writes to, to be heard. */
  readonly wake: number;
  /** A byte for each descriptor of the process, 1 for those that the thread has open. */
  readonly opened: SharedArrayBuffer;
}

/** The main thread's end of a tether. */
export interface Leash {
  readonly tether: Tether;
  /** Has the thread look for messages. */
  wake(): void;
  /** Once the thread has ended, however it did: closes what it left open. */
  release(): void;
}

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
