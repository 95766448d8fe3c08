import type { Cause } from './cause.ts';
import type { DatagramDrop } from './datagrams.ts';
import type { HelloOutcome } from './server-names.ts';

/**
 * What one server has counted over all threads, since the start or since it was last reset. Of connections whose thread
 * died there is no cause, and their last second of bytes is missing.
 */
export interface ServerTotals {
  /** Gauges: clients that have a place at the server; those of them, and others, that wait for a backend. */
  readonly active: number;
  readonly waiting: number;
  /** The highest value of `active`. */
  readonly peak: number;
  /** Clients that came. */
  readonly accepted: number;
  /** Closed by the access rules; at max_connections_per_client; at connection_rate_per_client. */
  readonly denied: number;
  readonly overClientLimit: number;
  readonly overClientRate: number;
  /** The server or all backends are full, none is up, the queue is full, or the client waited too long. */
  readonly noBackend: number;
  /** Closed for want of a resource: a descriptor, a port, memory. Not among `accepted`. */
  readonly noResources: number;
  /** Clients that had to wait for a backend. */
  readonly queued: number;
  /** Connections that were opened to backends and dials of backends that failed, those included that are gone. */
  readonly connected: number;
  readonly refused: number;
  /** Dials of another backend after one had failed. */
  readonly retried: number;
  /**
   * Bytes from and to the backends, removed ones included, as the kernel took them for the other side. Bytes that were
   * cut or reset on their way may be among them, though the peer has not read them. Of a connection that is cut while a
   * side does not take what there is for it, the net engine leaves out up to the last 128 KiB each way.
   */
  readonly rx: number;
  readonly tx: number;
  /** Of UDP, likewise; and those of clients that went no further. */
  readonly rxDatagrams: number;
  readonly txDatagrams: number;
  readonly drops: Readonly<Record<DatagramDrop, number>>;
  /** How the hellos of clients came out, where the server reads the names of TLS. */
  readonly hellos: Readonly<Record<HelloOutcome, number>>;
  /** How connections ended. */
  readonly causes: Readonly<Record<Cause, number>>;
  readonly histograms: Readonly<Record<HistogramName, Histogram>>;
}

/** What one backend has counted over all threads, since it was first listed or since it was last reset. */
export interface BackendTotals {
  /** Gauge: connections and dials that hold a place at it. */
  readonly active: number;
  readonly peak: number;
  /** Connections that were opened to it. */
  readonly total: number;
  /** Dials that failed. */
  readonly refused: number;
  /** Clients that were sent to another backend after a failed connect. */
  readonly retried: number;
  readonly rx: number;
  readonly tx: number;
  /** Of UDP. */
  readonly rxDatagrams: number;
  readonly txDatagrams: number;
}

/** How many fell into each of its buckets, one more for what is beyond the last bound, and the sum of all. */
export interface Histogram {
  readonly counts: readonly number[];
  readonly sum: number;
}

/**
 * Upper bounds, inclusive, of what is measured of each connection: seconds until a backend was connected (of those that
 * were), seconds in the queue (of those that waited), seconds and bytes in both directions (of those that had a backend).
 */
export const HISTOGRAM_BOUNDS = {
  connect: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  queue: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120],
  duration: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1800, 3600, 14_400],
  bytes: [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864, 268_435_456],
} as const satisfies Record<string, readonly number[]>;

export type HistogramName = keyof typeof HISTOGRAM_BOUNDS;
