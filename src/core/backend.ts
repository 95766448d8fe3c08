import { addressText, type NamedAddress } from './address.ts';
import type { SendProxy } from './proxy-protocol.ts';
import type { Wanted } from './server-names.ts';

/**
 * What an operator wants of a backend. One that is draining gets no new connections, and its old ones finish; one that
 * is disabled is not checked either, and `on_down` holds for its old ones.
 */
export const BACKEND_STATES = ['enabled', 'draining', 'disabled'] as const;
export type BackendState = (typeof BACKEND_STATES)[number];

/** One backend as discovery names it. Its identity is the target alone; the rest may change and is merged into it. */
export interface BackendSpec extends Wanted {
  readonly target: NamedAddress;
  /** Share of the connections within the priority group; 0 only when no member above 0 can take one. */
  readonly weight: number;
  /** The backends with the lowest number that have room are used. */
  readonly priority: number;
  /** Connections at once; 0 is no limit. */
  readonly maxConnections: number;
  /** Failures that eject it; 0 counts none. Absent: as its server says. */
  readonly maxFails?: number;
  /** In which time they count, and for how long it is ejected. Absent: as its server says. */
  readonly failTimeoutMs?: number;
  /** Absent: as its server says. */
  readonly sendProxy?: SendProxy;
  /** Absent: enabled. */
  readonly state?: BackendState;
}

/** So many that one list can be replaced by another while the first drains: a server has 65,536 rows for both. */
export const MOST_BACKENDS = 30_000;

/** The identity of a backend: `host:port`, `[v6]:port` or `unix:/path`. */
export function backendKey(backend: { readonly target: NamedAddress }): string {
  return addressText(backend.target);
}
