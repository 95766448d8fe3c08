import { lookup } from 'node:dns/promises';

import pLimit from 'p-limit';

/** getaddrinfo tells no time to live. */
const TTL_MS = 10_000;
/** Node runs getaddrinfo on two of its four threads at most, and files need the others. */
const AT_ONCE = 2;

/** Asks getaddrinfo, for what it alone can ask: mdns, ldap and the like. @throws the system's error */
export function systemLookup(): (host: string) => Promise<{ addresses: readonly string[]; ttlMs: number }> {
  const limit = pLimit(AT_ONCE);
  return (host) =>
    limit(async () => {
      const found = await lookup(host, { all: true, order: 'ipv4first' });
      return { addresses: [...new Set(found.map(({ address }) => address))], ttlMs: TTL_MS };
    });
}
