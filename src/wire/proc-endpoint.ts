import { endianness } from 'node:os';

import { parseIp } from './ip.ts';

/**
 * An end of a socket as the tables /proc/net/tcp and tcp6 write it (proc(5)): `0100007F:1F90` is 127.0.0.1:8080. The address
 * stands as 32-bit words in the machine's byte order, the port in network order.
 */
export function endpointHex(address: string, port: number): string {
  const bytes = Buffer.alloc(16);
  const length = parseIp(address, bytes);
  let words = '';
  for (let at = 0; at < length; at += 4) {
    words += hex(endianness() === 'LE' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at), 8);
  }
  return `${words}:${hex(port, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
