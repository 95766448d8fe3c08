import { networkInterfaces } from 'node:os';

/**
 * The addresses of this host that a wildcard stands for. A socket that listens at all of them does not learn from Node
 * which one a datagram came to, and so could answer from another.
 */
export function localIps(wildcard: string): readonly string[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family }) => family === 'IPv4' || wildcard !== '0.0.0.0')
      .map(({ address, scopeid }) => (scopeid !== undefined && scopeid > 0 ? `${address}%${name}` : address)),
  );
  return [...new Set(all)];
}

export function isWildcard(ip: string): boolean {
  return ip === '*' || ip === '::' || ip === '0.0.0.0';
}
