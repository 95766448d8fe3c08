import { addressText, type NamedAddress } from './address.ts';

/** One backend as discovery names it. Its identity is the target alone; the rest may change and is merged into it. */
export interface BackendSpec {
  readonly target: NamedAddress;
  /** Share of the connections within the priority group; 0 only when no member above 0 can take one. */
  readonly weight: number;
  /** The lowest number that has a candidate with room is served. */
  readonly priority: number;
  /** Connections at once; 0 is no limit. */
  readonly maxConnections: number;
}

/** The identity of a backend: `host:port`, `[v6]:port` or `unix:/path`. */
export function backendKey(backend: { readonly target: NamedAddress }): string {
  return addressText(backend.target);
}
