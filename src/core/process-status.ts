import type { Shortage } from './shortage.ts';

export interface About {
  readonly version: string;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Of the configuration; absent where it came from elsewhere. */
  readonly configFile?: string;
  /** What `auto` is here, and why not epoll where it is not. */
  readonly engine: string;
  readonly engineReason?: string;
  /** Descriptors that the process may open; absent where the system does not tell. */
  readonly openFilesLimit?: number;
}

export interface ThreadStatus {
  readonly number: number;
  readonly engine: string;
  /** Connections that it holds now. */
  readonly connections: number;
  /** Connections that it was given ever. */
  readonly accepted: number;
}

/** What this host has for connections to backends, and lacks. */
export interface HostStatus {
  /** How often each was met since the start, by dials and checks. */
  readonly shortages: ReadonlyMap<Shortage, number>;
  /** The part of the local ports towards the busiest backend that is in use, from 0 to 1; below 0.8 the most it can be. */
  readonly localPortsUsedRatio: number;
}

export interface NamesStatus {
  /** Host names whose addresses are kept. */
  readonly remembered: number;
  /** Lookups since the start that found addresses, no such name or no address, or nobody to tell. */
  readonly found: number;
  readonly absent: number;
  readonly failed: number;
  /** Milliseconds that all lookups took together. */
  readonly tookMs: number;
  /** Name servers that answer nothing now. */
  readonly silentServers: number;
}

export interface Reloads {
  /** Configurations that were put into force after the first one. */
  readonly count: number;
  /** Since when the one in force is; milliseconds since the epoch. */
  readonly at: number;
  /** Reloads that could not be, for what is wrong with the file or cannot be opened. */
  readonly failed: number;
  /** Whether the last reload was one of them. */
  readonly hasFailed: boolean;
}
