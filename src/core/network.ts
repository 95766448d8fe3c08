/** Clients by the leading bits of their address. */
export interface Network {
  /** The network's 16 bytes; IPv4 as ::ffff:a.b.c.d. Bits beyond `bits` are not looked at. */
  readonly base: Uint8Array;
  /** Leading bits of the 16 bytes that must agree, 0 to 128: the prefix length, plus 96 for an IPv4 network. */
  readonly bits: number;
}
