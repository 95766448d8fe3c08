import * as kernel from './kernel.ts';
import { LibcPolling } from './libc-polling.ts';

/**
 * The calls that move datagrams. They take addresses of memory (`addressOf`), whose owner keeps it alive, because a part
 * of a buffer would be an object for each datagram.
 */
export abstract class LibcDatagrams extends LibcPolling {
  /** @returns a non-blocking socket, EXHAUSTED or BROKEN */
  datagramSocket(family: 'ipv4' | 'ipv6'): number {
    const number = family === 'ipv4' ? kernel.AF_INET : kernel.AF_INET6;
    return this.keep(this.calls.socket(number, kernel.DATAGRAM_NONBLOCK_CLOEXEC, 0));
  }

  /** @returns bytes that the datagram has, also where they do not fit; WOULD_BLOCK or BROKEN */
  receiveAt(fd: number, at: number, length: number): number {
    const received = this.calls.recvAt(fd, at, length, kernel.TRUNCATED);
    return received >= 0 ? received : this.word();
  }

  /** @returns bytes, WOULD_BLOCK, EXHAUSTED or BROKEN */
  sendAt(fd: number, at: number, length: number): number {
    const sent = this.calls.sendAt(fd, at, length, kernel.NO_SIGNAL);
    return sent >= 0 ? sent : this.word();
  }

  /** @param header address of a struct msghdr @returns as sendAt */
  sendMessage(fd: number, header: number): number {
    const sent = this.calls.sendmsg(fd, header, kernel.NO_SIGNAL);
    return sent >= 0 ? sent : this.word();
  }

  /** @param headers address of so many struct mmsghdr @returns messages that came, WOULD_BLOCK or BROKEN */
  receiveMany(fd: number, headers: number, count: number): number {
    const received = this.calls.recvmmsg(fd, headers, count, kernel.DO_NOT_WAIT, 0);
    return received >= 0 ? received : this.word();
  }

  /** @returns messages that were sent: fewer where the next one failed; WOULD_BLOCK, EXHAUSTED or BROKEN if the first did */
  sendMany(fd: number, headers: number, count: number): number {
    const sent = this.calls.sendmmsg(fd, headers, count, kernel.NO_SIGNAL);
    return sent >= 0 ? sent : this.word();
  }
}
