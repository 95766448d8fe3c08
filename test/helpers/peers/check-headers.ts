import type { Socket } from 'node:net';

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';

/** LOCAL of version 2: a connection of the sender's own. */
export const LOCAL = Buffer.from(`${SIGNATURE}\x20\0\0\0`, 'latin1');

/** Of a client with the connection's own two addresses, which are of IPv4. */
export function ownHeader(version: 1 | 2, socket: Socket): Uint8Array {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  if (version === 1) return Buffer.from(`PROXY TCP4 ${localAddress} ${remoteAddress} ${localPort} ${remotePort}\r\n`);
  const addresses = [...localAddress.split('.'), ...remoteAddress.split('.')].map(Number);
  const ports = [localPort >> 8, localPort & 255, remotePort >> 8, remotePort & 255];
  return Buffer.concat([Buffer.from(`${SIGNATURE}\x21\x11\0\x0c`, 'latin1'), Buffer.from([...addresses, ...ports])]);
}
