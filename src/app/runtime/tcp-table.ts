import { readFile } from 'node:fs/promises';

import type { IpAddress } from '../../core/address.ts';
import { endpointHex } from '../../wire/proc-endpoint.ts';

/** proc(5): `sl local_address rem_address st …`, an address as hexadecimal words of the machine, and a port. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'] as const;
const REMOTE_COLUMN = 2;

/**
 * How many connections of this host the kernel has to each of these addresses, those in TIME_WAIT among them. Costs some
 * ten milliseconds where there are tens of thousands.
 */
export async function countConnections(to: readonly IpAddress[]): Promise<readonly number[]> {
  const remotes = to.map(({ ip, port }) => endpointHex(ip, port));
  const counts = new Map(remotes.map((remote) => [remote, 0]));
  for (const table of TABLES) {
    for (const row of (await read(table)).split('\n')) {
      const remote = row.trimStart().split(' ', REMOTE_COLUMN + 1)[REMOTE_COLUMN] ?? '';
      const count = counts.get(remote);
      if (count !== undefined) counts.set(remote, count + 1);
    }
  }
  return remotes.map((remote) => counts.get(remote) ?? 0);
}

async function read(table: string): Promise<string> {
  try {
    return await readFile(table, 'latin1');
  } catch {
    return ''; // not Linux, no IPv6, or /proc is closed to us
  }
}
