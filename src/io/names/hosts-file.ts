import { isIP } from 'node:net';

/** The addresses of each name of hosts(5), in the order of the file. Names are in lower case. */
export type HostsTable = ReadonlyMap<string, readonly string[]>;

export function parseHosts(text: string): HostsTable {
  const table = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [ip = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    // With a zone no address is one for getaddrinfo.
    if (isIP(ip) === 0 || ip.includes('%')) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const addresses = table.get(key);
      if (addresses === undefined) table.set(key, [ip]);
      else if (!addresses.includes(ip)) addresses.push(ip);
    }
  }
  return table;
}
