import type { SocketAddress } from '../../core/address.ts';
import type { Engine, EngineKind } from '../../core/engine.ts';
import type { Bells, Seat } from './common/bells.ts';
import type { EngineSetup } from './common/engine-setup.ts';
import type { SharedListener } from './common/shared-listener.ts';
import type { Leash } from './common/tether.ts';
import { createEpollEngine, tetherEpollThread, whyNoEpoll } from './epoll/engine.ts';
import { epollBells } from './linux/bells.ts';
import { openSharedListener } from './linux/shared-listener.ts';
import { netBells } from './net/calls.ts';
import { createNetEngine } from './net/engine.ts';

export type { Bells, Seat } from './common/bells.ts';
export type { EngineSetup } from './common/engine-setup.ts';
export type { SharedListener } from './common/shared-listener.ts';
export type { Leash } from './common/tether.ts';

interface EngineMaker {
  readonly create: (setup: EngineSetup) => Engine;
  /** What its threads call each other by. @throws Error when the engine cannot run here */
  readonly bells: (seats: number) => Bells;
  /** For an engine that owns its threads. */
  readonly tether?: (seat: Seat) => Leash;
  /** For an engine whose threads accept from one socket. @throws Error with the system's code */
  readonly openShared?: (address: SocketAddress, seats: number) => SharedListener;
  /** MiB that V8's young generation may take in each of its threads, where less than the default does. */
  readonly youngGenerationMb?: number;
  /** Why the engine cannot run here; absent for one that runs everywhere. */
  readonly whyNot?: () => string | undefined;
}

/** One line for each engine. */
const engines: Readonly<Record<EngineKind, EngineMaker>> = {
  epoll: {
    create: createEpollEngine,
    bells: epollBells,
    tether: tetherEpollThread,
    openShared: openSharedListener,
    // What its connections leave behind is little, and what V8 takes for it is not given back.
    youngGenerationMb: 3,
    whyNot: whyNoEpoll,
  },
  net: { create: createNetEngine, bells: netBells },
};

/** @throws Error when the engine cannot run here */
export function createEngine(kind: EngineKind, setup: EngineSetup): Engine {
  return engines[kind].create(setup);
}

/** @param seats threads that may live at once @throws Error when the engine cannot run here */
export function createBells(kind: EngineKind, seats: number): Bells {
  return engines[kind].bells(seats);
}

/** Of the thread that takes this seat. @returns undefined for an engine that runs under Node's event loop */
export function createLeash(kind: EngineKind, seat: Seat): Leash | undefined {
  return engines[kind].tether?.(seat);
}

export function youngGenerationMb(kind: EngineKind): number | undefined {
  return engines[kind].youngGenerationMb;
}

/** Whether all threads of an engine can accept from one socket; where they cannot, a bind lives on one of them. */
export function sharesListeners(kind: EngineKind): boolean {
  return engines[kind].openShared !== undefined;
}

/** @param seats threads that may hold it at once @throws Error with the system's code, or when the engine cannot share */
export function openShared(kind: EngineKind, address: SocketAddress, seats: number): SharedListener {
  const open = engines[kind].openShared;
  if (open === undefined) throw new TypeError(`threads of the engine ${kind} cannot share a listening socket`);
  return open(address, seats);
}

/** @returns why an engine cannot run here, undefined when it can */
export function whyNoEngine(kind: EngineKind): string | undefined {
  return engines[kind].whyNot?.();
}
