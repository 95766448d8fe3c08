import type { IpAddress } from '../../../../core/address.ts';
import { errorCode } from '../../../../core/errors.ts';
import type { Libc } from '../../linux/libc.ts';
import { encodeAddress, familyOf, LARGEST_BYTES, portOf } from '../../linux/socket-address.ts';

/** A socket that clients send to. */
export interface ListeningSocket {
  readonly fd: number;
  /** As it was asked for, with the port that the kernel chose where that was 0. */
  readonly at: IpAddress;
  /** It takes datagrams for every address of this host, and tells which was asked. */
  readonly isWildcard: boolean;
}

/** Without SO_REUSEADDR, with which the last one that binds gets every datagram. @throws Error with the system's code */
export function openSocket(libc: Libc, wanted: IpAddress): ListeningSocket {
  try {
    return openAt(libc, wanted);
  } catch (thrown) {
    const code = errorCode(thrown);
    const isWithoutIpv6 = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
    if (wanted.ip !== '*' || !isWithoutIpv6) throw thrown;
    const socket = openAt(libc, { ip: '0.0.0.0', port: wanted.port });
    return { ...socket, at: { ip: wanted.ip, port: socket.at.port } };
  }
}

/**
 * As much of the size as this process may have, for what comes and what goes: SO_RCVBUFFORCE, else SO_RCVBUF of socket(7).
 * @returns bytes for what comes
 */
export function setBuffers(libc: Libc, fd: number, bytes: number): number {
  if (bytes === 0) return receiveBuffer(libc, fd);
  libc.setOption(fd, 'receiveBuffer', bytes);
  libc.setOption(fd, 'sendBuffer', bytes);
  // Without the privilege they say EPERM, and change nothing.
  libc.setOption(fd, 'receiveBufferForce', bytes);
  libc.setOption(fd, 'sendBufferForce', bytes);
  return receiveBuffer(libc, fd);
}

/** The kernel tells twice of what it was asked for. */
function receiveBuffer(libc: Libc, fd: number): number {
  return libc.getOption(fd, 'receiveBuffer') / 2;
}

function openAt(libc: Libc, address: IpAddress): ListeningSocket {
  const family = familyOf(address) === 'ipv4' ? 'ipv4' : 'ipv6';
  const fd = libc.datagramSocket(family);
  if (fd < 0) {
    const code = libc.errorName();
    throw Object.assign(new Error(`socket ${code}`), { code });
  }
  try {
    if (family === 'ipv6') libc.setOption(fd, 'onlyIpv6', 0);
    const name = encodeAddress(address);
    const isWildcard = name.subarray(family === 'ipv4' ? 4 : 8, family === 'ipv4' ? 8 : 24).every((byte) => byte === 0);
    if (isWildcard) libc.setOption(fd, family === 'ipv4' ? 'packetInfo' : 'packetInfo6', 1);
    libc.bind(fd, name);
    const bound = new Uint8Array(LARGEST_BYTES);
    libc.localAddress(fd, bound);
    return { fd, at: { ip: address.ip, port: portOf(bound) }, isWildcard };
  } catch (thrown) {
    libc.close(fd);
    throw thrown;
  }
}
