import type { BackendStatus } from './backend-status.ts';
import type { ServerStatus } from './server-status.ts';
import type { ThreadStatus } from './process-status.ts';

/** What control/stats gathers once a second, shared by all its readers. */
export interface Stats {
  /** Of the last second. */
  latest(): StatsSnapshot;
  /** As things stand, to the byte, with the rates of the last second. Costs a look at every backend. */
  now(): StatsSnapshot;
  /** Told each second. @returns what ends it */
  subscribe(listener: (snapshot: StatsSnapshot) => void): () => void;
  /** Undefined where there is no such server. Oldest first. */
  history(server: string): History | undefined;
}

/** Immutable. */
export interface StatsSnapshot {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly process: ProcessStats;
  readonly threads: readonly ThreadStatus[];
  readonly servers: readonly ServerStats[];
}

export interface ProcessStats {
  readonly uptimeMs: number;
  readonly rssBytes: number;
  /** Of one core, over the last second, all threads together. */
  readonly cpu: number;
  /** The longest delay of the main thread in the last second. */
  readonly loopDelayMs: number;
  readonly openFiles?: number;
}

export interface ServerStats extends ServerStatus {
  readonly rates: Rates;
  readonly backends: readonly BackendStats[];
}

export interface BackendStats extends BackendStatus {
  readonly rates: Rates;
}

/** Of the last whole second, and the most of any second. */
export interface Rates {
  readonly connections: number;
  readonly peakConnections: number;
  readonly rx: number;
  readonly tx: number;
}

/** Of a server: one point for each `stepMs`, for the last hour at most. All series are as long as each other. */
export interface History {
  readonly stepMs: number;
  /** Of the last point, in milliseconds since the epoch. */
  readonly at: number;
  readonly active: readonly number[];
  readonly waiting: readonly number[];
  /** A second, on average. */
  readonly connections: readonly number[];
  readonly rx: readonly number[];
  readonly tx: readonly number[];
  readonly errors: readonly number[];
}
