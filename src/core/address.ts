/**
 * Where a socket listens or connects: an IP literal without brackets and a port, or the path of a unix socket.
 * The ip `*` is for listening only and means every address of the host, IPv4 and IPv6.
 */
export type SocketAddress = IpAddress | UnixAddress;

export interface IpAddress {
  readonly ip: string;
  /** 0 to 65535; 0 lets the kernel choose when listening. */
  readonly port: number;
  /** Where datagrams are listened for; absent: TCP. */
  readonly protocol?: 'udp';
}

export interface UnixAddress {
  readonly path: string;
  /** The permissions of the file when listening; absent: as the umask has it. */
  readonly mode?: number;
}

/** What a person writes for an address: as SocketAddress, but the host may be a name that is still to be resolved. */
export type NamedAddress = (Omit<IpAddress, 'ip'> & { readonly host: string }) | UnixAddress;

/** A host and what it stands for at this moment. */
export interface ResolvedTarget {
  /** As it is written, for what goes by name: TLS, HTTP, the arguments of a program. */
  readonly target: NamedAddress;
  /** At least one, as they are to be tried. */
  readonly addresses: readonly SocketAddress[];
  /** What each of them is sent before anything else; absent: nothing. */
  readonly greeting?: Greeting | undefined;
}

/** @param from the own end; undefined on a unix socket @returns memory that may be used again */
export type Greeting = (from: IpAddress | undefined, to: SocketAddress, transport: 'stream' | 'datagram') => Uint8Array;

/**
 * `127.0.0.1:80`, `[::1]:80`, `*:80`, `name:80`, `127.0.0.1:53/udp` or `unix:/run/x.sock`: the text that logs show and
 * that identifies.
 */
export function addressText(address: SocketAddress | NamedAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  const host = 'ip' in address ? address.ip : address.host;
  const port = address.protocol === undefined ? `${address.port}` : `${address.port}/${address.protocol}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether datagrams are listened for. */
export function isUdp(address: SocketAddress | NamedAddress): boolean {
  return !('path' in address) && address.protocol === 'udp';
}
