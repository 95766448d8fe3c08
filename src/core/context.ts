/** The client that asks for a backend. One object per thread, filled anew for each election: keep nothing of it. */
export interface ElectionContext {
  /**
   * The client's address in network order, in the first `ipLength` bytes: 4 on an IPv4 listener, 16 on an IPv6 or
   * dual-stack one (IPv4 clients as ::ffff:a.b.c.d there), 0 on a unix socket. What gobetween hashes.
   */
  readonly ip: Uint8Array;
  ipLength: 0 | 4 | 16;
}
