import { chmodSync, rmSync } from 'node:fs';
import type { SocketAddress } from '../../../core/address.ts';
import { errorCode } from '../../../core/errors.ts';
import type { Libc } from './libc.ts';
import { encodeAddress, familyOf, LARGEST_BYTES, portOf } from './socket-address.ts';
import { isFree } from './stale-socket.ts';
import { setNoDelay } from './tcp-options.ts';

/** The kernel lowers it to net.core.somaxconn. */
const BACKLOG = 65_535;

/**
 * Opens a listening socket; its options are those of the sockets that it accepts. Two failures have a remedy: a host
 * without IPv6, and a unix socket whose owner is dead.
 * @param isShared whether others that allow it, too, may listen beside it (SO_REUSEPORT)
 * @throws Error with the system's code
 */
export function openListeningSocket(libc: Libc, wanted: SocketAddress, isShared = false): number {
  try {
    return openAt(libc, wanted, isShared);
  } catch (thrown) {
    const again = secondChance(libc, wanted, errorCode(thrown));
    if (again === undefined) throw thrown;
    return openAt(libc, again, isShared);
  }
}

/** Of a socket that listens: the port that the kernel chose where 0 was asked. */
export function addressInUse(libc: Libc, fd: number, wanted: SocketAddress): SocketAddress {
  if ('path' in wanted) return wanted;
  const bytes = new Uint8Array(LARGEST_BYTES);
  libc.localAddress(fd, bytes);
  return { ip: wanted.ip, port: portOf(bytes) };
}

function openAt(libc: Libc, address: SocketAddress, isShared: boolean): number {
  const family = familyOf(address);
  const fd = libc.socket(family);
  if (fd < 0) {
    const code = libc.errorName();
    throw Object.assign(new Error(`socket ${code}`), { code });
  }
  try {
    if (family !== 'unix') {
      libc.setOption(fd, 'reuseAddress', 1);
      if (isShared) libc.setOption(fd, 'reusePort', 1);
      setNoDelay(libc, fd);
    }
    if (family === 'ipv6') libc.setOption(fd, 'onlyIpv6', 0);
    libc.bind(fd, encodeAddress(address));
    // Nobody can connect before it listens.
    if ('path' in address && address.mode !== undefined) chmodSync(address.path, address.mode);
    libc.listen(fd, BACKLOG);
  } catch (thrown) {
    libc.close(fd);
    throw thrown;
  }
  return fd;
}

function secondChance(libc: Libc, wanted: SocketAddress, code: string): SocketAddress | undefined {
  if ('path' in wanted) {
    if (code !== 'EADDRINUSE' || !isFree(libc, wanted)) return undefined;
    rmSync(wanted.path, { force: true });
    return wanted;
  }
  const isWithoutIpv6 = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
  return wanted.ip === '*' && isWithoutIpv6 ? { ip: '0.0.0.0', port: wanted.port } : undefined;
}
