import type { SocketAddress } from '../../../core/address.ts';
import type { DatagramEngine } from '../../../core/datagrams.ts';
import type { EngineSetup } from './engine-setup.ts';
import type { Lifeline } from './lifeline.ts';
import type { SharedListener } from './shared-listener.ts';
import type { EngineWorker, Wakers } from './wakers.ts';

/** One engine, as the registry lists it: what it is called, how it is made and what it can do. */
export interface EngineDefinition<Kind extends string = string> {
  /** As `engine = "…"` names it. */
  readonly kind: Kind;
  /** `auto` is the engine with the lowest rank that can run here. Without a rank it runs only where it is named. */
  readonly autoRank?: number;
  /** Why the engine cannot run here; absent for one that runs everywhere. */
  readonly whyNot?: () => string | undefined;
  readonly create: (setup: EngineSetup) => DatagramEngine;
  /** What its threads call each other by. @throws Error when the engine cannot run here */
  readonly wakers: (workers: number) => Wakers;
  /** MiB that V8's young generation may take in each of its threads, where less than the default does. */
  readonly youngGenerationMb?: number;
  readonly capabilities: EngineCapabilities;
}

/** What some engines can do and others cannot: absent is what this one cannot. */
export interface EngineCapabilities {
  /**
   * All its threads accept from one socket, which this opens; without it each bind is on one thread.
   * @param workers threads that may hold it at once
   * @param isBeside whether it may overlap with listeners that allow it
   * @throws Error with the system's code
   */
  readonly sharesListeners?: (address: SocketAddress, workers: number, isBeside: boolean) => SharedListener;
  /** It owns its threads; this makes what the main thread wakes one of them by, and cleans up with after it. */
  readonly ownsThread?: (worker: EngineWorker) => Lifeline;
  /** Clients wait in the backlog while there are no descriptors; without it they are turned away. */
  readonly pausesAccepting?: true;
}

export function defineEngine<const Kind extends string>(definition: EngineDefinition<Kind>): EngineDefinition<Kind> {
  return definition;
}
