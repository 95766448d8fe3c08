import { BlockList, isIP } from 'node:net';

import type { NamedAddress } from '../core/address.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only this machine can reach what listens there: a loopback address, `localhost`, or a unix socket. */
export function isLocal(address: NamedAddress): boolean {
  if ('path' in address) return true;
  const host = address.host.toLowerCase();
  const family = isIP(host);
  if (family === 0) return /^(?:.+\.)?localhost\.?$/.test(host);
  return LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
