/** How much of each work is done. */
export interface Scale {
  readonly rounds: number;
  readonly threads: readonly number[];
  /** Of a new process: V8 compiles what runs often, in each thread for itself. */
  readonly warmUp: { readonly requests: number; readonly connections: number };
  /** Requests over kept connections. */
  readonly keepAlive: number;
  /** Requests on a new connection each. */
  readonly connections: number;
  /** Requests for a body of each size. */
  readonly bodies: { readonly '1k': number; readonly '16k': number; readonly '64k': number; readonly '10m': number };
  /** Of a ping-pong. */
  readonly pingSeconds: number;
  /** Of requests and bursts of datagrams. */
  readonly datagramSeconds: number;
  /** With a ClientHello each. */
  readonly hellos: number;
  readonly idleConnections: number;
  readonly idleSeconds: number;
  /** Until nothing is done any more for connections that were opened. */
  readonly settleSeconds: number;
}

/** For figures that are published. */
export const FULL: Scale = {
  rounds: 5,
  threads: [1, 2],
  warmUp: { requests: 50_000, connections: 20_000 },
  keepAlive: 100_000,
  connections: 10_000,
  bodies: { '1k': 30_000, '16k': 20_000, '64k': 10_000, '10m': 200 },
  pingSeconds: 2,
  datagramSeconds: 2,
  hellos: 10_000,
  idleConnections: 5000,
  idleSeconds: 3,
  settleSeconds: 4,
};

/** For every day: it shows what went wrong, and about where it stands. */
export const QUICK: Scale = {
  rounds: 1,
  threads: [1],
  warmUp: { requests: 5000, connections: 500 },
  keepAlive: 20_000,
  connections: 2000,
  bodies: { '1k': 8000, '16k': 8000, '64k': 5000, '10m': 60 },
  pingSeconds: 0.5,
  datagramSeconds: 1,
  hellos: 3000,
  idleConnections: 1000,
  idleSeconds: 1,
  settleSeconds: 0,
};
