import type { Network } from './network.ts';

/** Clients by their address. Plain data, to be sent to the threads. */
export interface ClientFilter {
  /** As it was asked for: `192.0.2.0/24`. */
  readonly text: string;
  /** Absent: those on unix sockets. */
  readonly network?: Network;
  /** Absent: any. */
  readonly port?: number;
}

export interface ConnectionMatch {
  /** Absent: of all. */
  readonly server?: string | undefined;
  /** The key of a backend. */
  readonly backend?: string | undefined;
  readonly client?: ClientFilter | undefined;
}

export interface ConnectionQuery extends ConnectionMatch {
  readonly sort: 'age' | 'rx' | 'tx';
  /** So many of the top, at most 1000. */
  readonly limit: number;
}

export interface ConnectionList {
  /** Of all that match. */
  readonly total: number;
  readonly connections: readonly ConnectionStatus[];
}

export type ConnectionStage = 'queued' | 'connecting' | 'connected';

export interface ConnectionStatus {
  /** Unique for this process. */
  readonly id: string;
  readonly server: string;
  readonly client: string;
  /** Absent while it has none. */
  readonly backend?: string;
  readonly stage: ConnectionStage;
  readonly ageMs: number;
  readonly queueMs: number;
  /** As its thread has last heard of them: about a second old while bytes flow. */
  readonly rxBytes: number;
  readonly txBytes: number;
  /** Backends whose dial failed, in order. */
  readonly tried: readonly string[];
  /** The server name of TLS, in lower case; absent where it has none, or its server does not look at that. */
  readonly tlsName?: string;
}
