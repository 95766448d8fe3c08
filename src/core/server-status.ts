import type { ServerTotals } from './totals.ts';

/** One server at this moment. */
export interface ServerStatus {
  readonly name: string;
  readonly protocol: 'tcp' | 'udp';
  readonly balance: string;
  readonly engine: string;
  /** As configured, and where the kernel let it listen. */
  readonly binds: readonly string[];
  readonly addresses: readonly string[];
  /** 0 is no limit. */
  readonly maxConnections: number;
  /** Clients that may wait; 0 is no limit. */
  readonly queueSize: number;
  readonly totals: ServerTotals;
  /** When it was first put into force, in milliseconds since the epoch. */
  readonly since: number;
}
