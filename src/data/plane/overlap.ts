import { isIPv4 } from 'node:net';
import type { SocketAddress } from '../../core/address.ts';

/** Whether two different addresses of one port and protocol hold a socket address in common, as `*:80` and `127.0.0.1:80`. */
export function overlap(one: SocketAddress, other: SocketAddress): boolean {
  if ('path' in one || 'path' in other || one.port !== other.port || one.port === 0) return false;
  if (one.protocol !== other.protocol) return false;
  const [ip, otherIp] = [wildcardOf(one.ip), wildcardOf(other.ip)];
  return ip !== otherIp && (covers(ip, otherIp) || covers(otherIp, ip));
}

/** Whether two addresses are one to the kernel, as `*:80` and `[::]:80`. */
export function isSameSocket(one: SocketAddress, other: SocketAddress): boolean {
  if ('path' in one || 'path' in other) return false;
  return one.port === other.port && one.protocol === other.protocol && wildcardOf(one.ip) === wildcardOf(other.ip);
}

/** `*` is the wildcard of IPv6, which takes IPv4, too. */
function wildcardOf(ip: string): string {
  return ip === '*' ? '::' : ip;
}

function covers(wildcard: string, ip: string): boolean {
  return wildcard === '::' || (wildcard === '0.0.0.0' && isIPv4(ip));
}
