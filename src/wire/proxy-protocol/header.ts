import type { ClientAddress } from '../../core/engine.ts';
import type { ProxyTlvs } from './tlvs.ts';

/** What stands in a whole header. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** Of the header in bytes; what follows is the client's. */
  readonly length: number;
  /** '' where the header names no IP address for this kind of transport: then the connection's own counts. */
  readonly source: ClientAddress;
  /** '' where `source` is. */
  readonly destination: ClientAddress;
  readonly tlvs: ProxyTlvs;
}

/** More bytes are wanted. */
export interface Incomplete {
  /** So many at least, with those that there are. */
  readonly need: number;
}

/** What is wrong: these bytes begin no header. */
export interface NoHeader {
  readonly problem: string;
  /** They do not look like one at all, and may be anything else. */
  readonly isForeign: boolean;
}

export type Decoded = ProxyHeader | Incomplete | NoHeader;

/** Whose addresses count: those of the other kind are left out. */
export type Transport = 'stream' | 'datagram';

export function brokenHeader(problem: string): NoHeader {
  return { problem, isForeign: false };
}
