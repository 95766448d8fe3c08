import type { IpAddress, SocketAddress } from '../../../../core/address.ts';
import { NO_SUCH_SOURCE } from '../../../../core/shortage.ts';
import type { Libc } from '../../linux/libc.ts';
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
 * Opens a socket connected to a backend. Without SO_REUSEADDR, with which connect(2) gives two sockets of ours the same
 * two ends.
 * @returns a descriptor, or the system's code
 */
export function openTowards(loop: Loop, to: SocketAddress, from: IpAddress | undefined): number | string {
  if ('path' in to) return 'EAFNOSUPPORT';
  // The port of a client is no port of ours.
  if (loop.usedUpPorts.has(to, from)) return 'EAGAIN';
  const family = familyOf(to);
  if (family === 'unix') return 'EAFNOSUPPORT';
  const fd = loop.libc.datagramSocket(family);
  if (fd < 0) return loop.libc.errorName();
  const bound = from === undefined ? '' : from.port > 0 ? bindAsClient(loop, fd, from) : bindAt(loop, fd, from);
  const code = bound === '' ? connect(loop, fd, to, from) : bound;
  if (code === '') return fd;
  loop.libc.close(fd);
  return code;
}

/** @returns '' where it is bound */
function bindAt({ libc }: Loop, fd: number, from: IpAddress): string {
  libc.setOption(fd, 'bindWithoutPort', 1);
  if (libc.tryBind(fd, encodedAddress(from))) return '';
  const code = libc.errorName();
  return code === 'EADDRNOTAVAIL' ? NO_SUCH_SOURCE : code;
}

/**
 * Speaks with the address of the client, which is of another host (IP_TRANSPARENT of ip(7)). Its sessions share address
 * and port, and whichever of them hears an answer, it is for the same client.
 * @returns '' where it is bound; EPERM where this process may not
 */
function bindAsClient({ libc }: Loop, fd: number, client: IpAddress): string {
  const option = client.ip.includes(':') ? 'transparent6' : 'transparent';
  if (!allowsAnySource(libc, fd, option)) return 'EPERM';
  libc.setOption(fd, 'reuseAddress', 1);
  return libc.tryBind(fd, encodedAddress(client)) ? '' : libc.errorName();
}

/** Lets a socket be bound to an address of another host. @returns false where this process may not */
export function allowsAnySource(libc: Libc, fd: number, option: 'transparent' | 'transparent6'): boolean {
  libc.setOption(fd, option, 1);
  return libc.getOption(fd, option) === 1;
}

/** @returns '' where it is connected */
function connect(
  { libc, localPorts, usedUpPorts }: Loop,
  fd: number,
  to: IpAddress,
  from: IpAddress | undefined,
): string {
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
