import type { BackendState } from './backend.ts';
import type { Health } from './healthcheck.ts';
import type { SendProxy } from './proxy-protocol.ts';
import type { BackendTotals } from './totals.ts';

/** What keeps a backend from getting clients. `removed`: it is not on the list any more. */
export const UNAVAILABLE_REASONS = ['removed', 'unresolved', 'draining', 'disabled', 'down', 'ejected'] as const;
export type UnavailableReason = (typeof UNAVAILABLE_REASONS)[number];

/**
 * How a backend fares, in one word that every surface shows. `up`, `unchecked` (not checked yet) and `starting`
 * (slow start) get clients; the others say what keeps it from them.
 */
export const BACKEND_WORDS = ['up', 'unchecked', 'starting', ...UNAVAILABLE_REASONS] as const;
export type BackendWord = (typeof BACKEND_WORDS)[number];

export function backendWord({
  obstacle,
  warmupFactor,
  health,
}: Pick<BackendStatus, 'obstacle' | 'warmupFactor' | 'health'>): BackendWord {
  if (obstacle !== undefined) return obstacle;
  if (warmupFactor < 1) return 'starting';
  return health === undefined || health.state === 'unchecked' ? 'unchecked' : 'up';
}

/** One backend at this moment. */
export interface BackendStatus {
  /** `host:port`, by which it is named. */
  readonly key: string;
  /** The parts of the key; a unix socket has its path as host and an empty port. */
  readonly host: string;
  readonly port: string;
  /** Where its clients are sent, as texts: its name at this moment; none until that was resolved. */
  readonly addresses: readonly string[];
  readonly state: BackendState;
  readonly isStateOverridden: boolean;
  /** Why it gets no clients; absent where it does. */
  readonly obstacle?: UnavailableReason;
  /** Absent while it is not checked. */
  readonly health?: Health;
  /** Milliseconds until one client may try the backend that was ejected, 0 from then on; absent where it is not. */
  readonly probeInMs?: number;
  /** Connections that it holds now. */
  readonly active: number;
  readonly priority: number;
  /** The server names (TLS) of its clients, as written; absent where it has none. */
  readonly sni?: readonly string[];
  /** The protocols (ALPN) of its clients; absent where it has none. */
  readonly alpn?: readonly string[];
  /** The PROXY header that it gets; absent where its server says. */
  readonly sendProxy?: SendProxy;
  /** In force: an override, or as the list says. */
  readonly weight: number;
  /** In force: an override, or as the list says; 0 is no limit. */
  readonly maxConnections: number;
  readonly isWeightOverridden: boolean;
  readonly isMaxConnectionsOverridden: boolean;
  /** Whether it was added at runtime. */
  readonly isDynamic: boolean;
  /** How much of its weight and limit is in force: below 1 while it starts slowly. */
  readonly warmupFactor: number;
  readonly totals: BackendTotals;
  /** When it last began or ceased to get clients, and when it was first listed; milliseconds since the epoch. */
  readonly changedAt: number;
  readonly since: number;
  /** How often it went down or was ejected. */
  readonly downs: number;
}

/** Overrides for a backend that its server does not have, for when it has it again. */
export interface OrphanedOverride {
  readonly key: string;
  readonly state?: BackendState;
  readonly weight?: number;
  readonly maxConnections?: number;
}
