import type { IpAddress, SocketAddress } from '../../../../core/address.ts';
import { NO_SUCH_SOURCE } from '../../../../core/shortage.ts';
import type { Loop } from '../../linux/loop.ts';
import { encodedAddress, familyOf, isSameEndpoint, LARGEST_BYTES } from '../../linux/socket-address.ts';

const localName = new Uint8Array(LARGEST_BYTES);

/** What says that a backend, or its host, is not there; anything else is about us or this one datagram. */
const NOBODY = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'ENOPROTOOPT']);

export function isRefusal(code: string): boolean {
  return NOBODY.has(code);
}

/** Whether it says that the kernel has no room at the moment. */
export function isPassing(code: string): boolean {
  return code === 'EAGAIN' || code === 'ENOBUFS';
}

/**
 * Opens a socket connected to a backend. Without SO_REUSEADDR, with which connect(2) gives two sockets the same two ends.
 * @returns a descriptor, or the system's code
 */
export function openTowards(loop: Loop, to: SocketAddress, from: IpAddress | undefined): number | string {
  if ('path' in to) return 'EAFNOSUPPORT';
  if (loop.usedUpPorts.has(to, from)) return 'EAGAIN';
  const family = familyOf(to);
  if (family === 'unix') return 'EAFNOSUPPORT';
  const fd = loop.libc.datagramSocket(family);
  if (fd < 0) return loop.libc.errorName();
  const code = connect(loop, fd, to, from);
  if (code === '') return fd;
  loop.libc.close(fd);
  return code;
}

/** @returns '' where it is connected */
function connect(
  { libc, localPorts, usedUpPorts }: Loop,
  fd: number,
  to: IpAddress,
  from: IpAddress | undefined,
): string {
  if (from !== undefined) {
    libc.setOption(fd, 'bindWithoutPort', 1);
    if (!libc.tryBind(fd, encodedAddress(from))) {
      const code = libc.errorName();
      return code === 'EADDRNOTAVAIL' ? NO_SUCH_SOURCE : code;
    }
  }
  if (libc.connect(fd, encodedAddress(to)) !== 0) {
    const code = libc.errorName();
    if (code === 'EAGAIN') usedUpPorts.note(to, from);
    return code;
  }
  if (!localPorts.has(to.port)) return '';
  // The kernel has chosen the port that is dialled, where nobody listens: the socket is connected to itself.
  libc.localAddress(fd, localName);
  return isSameEndpoint(localName, encodedAddress(to)) ? 'ECONNREFUSED' : '';
}
