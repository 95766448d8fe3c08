import { createSocket, type Socket, type SocketOptions } from 'node:dgram';

/** Addresses are literals: nothing is to be looked up, and nobody has to wait. */
const LITERAL = (
  address: string,
  family: number,
  found: (error: null, address: string, family: number) => void,
): void => found(null, address, family);

/** @param ip decides the family of the socket */
export function datagramSocket(ip: string, options: Omit<SocketOptions, 'type'> = {}): Socket {
  const type = ip.includes(':') ? 'udp6' : 'udp4';
  // Node calls it with a number, whatever its types say.
  const lookup = LITERAL as unknown as NonNullable<SocketOptions['lookup']>;
  return createSocket({ type, ipv6Only: type === 'udp6', lookup, ...options });
}
