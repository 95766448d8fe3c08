/** What a client for datagrams is to do, to a port of 127.0.0.1, and what it finds. */

interface To {
  readonly port: number;
  /** Before the measurement. */
  readonly warmupSeconds: number;
  readonly seconds: number;
}

/** One request after the other from each of so many ports of its own. */
export interface RequestsOrder extends To {
  readonly kind: 'requests';
  readonly ports: number;
  readonly bytes: number;
  /** Has each request come from a port that is used once. */
  readonly isNewEach: boolean;
}

export interface RequestsResult {
  readonly answered: number;
  /** Requests that had no answer for a while, and were sent again. */
  readonly lost: number;
  readonly seconds: number;
}

/** Bursts one way: each is one send, which the kernel hands on as many datagrams (UDP_SEGMENT). */
export interface BurstsOrder extends To {
  readonly kind: 'bursts';
  readonly ports: number;
  readonly bytes: number;
  readonly datagrams: number;
  readonly burstsPerSecond: number;
  /** Of the sink itself, which knows what has come. */
  readonly sinkPort: number;
}

export interface BurstsResult {
  readonly sent: number;
  readonly arrived: number;
  readonly seconds: number;
}
