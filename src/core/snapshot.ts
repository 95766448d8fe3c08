import type { SocketAddress } from './address.ts';
import type { SendProxy } from './proxy-protocol.ts';
import type { Wanted } from './server-names.ts';

/** The backends that may be elected now: discovered, live, enabled and resolved. Immutable; replaced as a whole. */
export interface Snapshot {
  /** Rises by one with each snapshot of the same server. */
  readonly version: number;
  /** In byte order of their keys, so that every thread and every node prepares the same. */
  readonly backends: readonly Candidate[];
  /** What backends want that may not be elected now, each once: their names are expected all the same. Absent: none. */
  readonly unavailable?: readonly Wanted[];
}

export interface Candidate extends Wanted {
  /** Row of the backend in its server's ledger. */
  readonly slot: number;
  /** `host:port`, as discovery wrote it. */
  readonly key: string;
  /** Tried in this order within one dial; never empty. */
  readonly addresses: readonly SocketAddress[];
  readonly weight: number;
  readonly priority: number;
  /** While it starts slowly, a part of its limit; 0 is none. */
  readonly maxConnections: number;
  /** All of it, which holds where no other backend has room. */
  readonly fullMaxConnections: number;
  /** Of this backend and no other before or after it, also none that has its row later; above 0. */
  readonly serial: number;
  /** Failures that eject it; 0 where they do not count. */
  readonly maxFails: number;
  /** Absent: as its server says. */
  readonly sendProxy?: SendProxy;
}
