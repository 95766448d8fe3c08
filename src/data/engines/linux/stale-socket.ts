import { lstatSync } from 'node:fs';
import type { UnixAddress } from '../../../core/address.ts';
import { BROKEN } from './libc-descriptors.ts';
import type { Libc } from './libc.ts';
import { encodeAddress } from './socket-address.ts';

/** Whether a path is the socket of a process that is gone, so that it may be removed. */
export function isFree(libc: Libc, address: UnixAddress): boolean {
  if (lstatSync(address.path, { throwIfNoEntry: false })?.isSocket() !== true) return false;
  const fd = libc.socket('unix');
  if (fd < 0) return false;
  const isRefused = libc.connect(fd, encodeAddress(address)) === BROKEN && libc.errorName() === 'ECONNREFUSED';
  libc.close(fd);
  return isRefused;
}
