import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';

import type { IpAddress } from '../../core/address.ts';
import { parseIp } from '../../wire/ip.ts';

/** proc(5): `sl local_address rem_address st …`, an address as hexadecimal words of the machine, and a port. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'] as const;
const REMOTE_COLUMN = 2;

/**
 * How many connections of this host the kernel has to each of these addresses, those in TIME_WAIT among them. Costs some
 * ten milliseconds where there are tens of thousands.
 */
export async function countConnections(to: readonly IpAddress[]): Promise<readonly number[]> {
  const counts = new Map(to.map((address) => [hexOf(address), 0]));
  for (const table of TABLES) {
    for (const row of (await read(table)).split('\n')) {
      const remote = row.trimStart().split(' ', REMOTE_COLUMN + 1)[REMOTE_COLUMN] ?? '';
      const count = counts.get(remote);
      if (count !== undefined) counts.set(remote, count + 1);
    }
  }
  return to.map((address) => counts.get(hexOf(address)) ?? 0);
}

async function read(table: string): Promise<string> {
  try {
    return await readFile(table, 'latin1');
  } catch {
    return ''; // not Linux, no IPv6, or /proc is closed to us
  }
}

/** `0100007F:1F90` for 127.0.0.1:8080. */
function hexOf({ ip, port }: IpAddress): string {
  const bytes = Buffer.alloc(16);
  const length = parseIp(ip, bytes);
  let words = '';
  for (let at = 0; at < length; at += 4) {
    words += hex(endianness() === 'LE' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at), 8);
  }
  return `${words}:${hex(port, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
