import { arch, platform } from 'node:process';
import { EVENT_LAYOUTS } from './event-list.ts';
import { loadFfi } from './ffi.ts';
import * as kernel from './kernel.ts';
import { BROKEN, codeOf } from './libc-descriptors.ts';
import { LibcDatagrams } from './libc-datagrams.ts';
import type { TcpInfo } from './tcp-info.ts';

export type SocketOption = keyof typeof kernel.OPTIONS;

let loaded: Libc | undefined;

/** libc of this thread. @throws Error that says why this platform has no epoll engine */
export function loadLibc(): Libc {
  if (loaded !== undefined) return loaded;
  if (platform !== 'linux') throw new Error(`epoll needs Linux, and this is ${platform}`);
  const layout = EVENT_LAYOUTS[arch];
  if (layout === undefined) throw new Error(`the layout of epoll's events on ${arch} is not known`);
  loaded = new Libc(loadFfi(), layout);
  return loaded;
}

/**
 * libc with types and names, as one thread calls it. With the classes that it extends, and ffi.ts and kernel.ts, which
 * these alone import, it is all that knows a pointer, errno.h or the numbers of the kernel. Calls that the data path
 * makes return a count of bytes or one of the three negative words of libc-descriptors.ts; the others return a
 * descriptor or throw.
 */
export class Libc extends LibcDatagrams {
  readonly #number = new Int32Array(2);
  readonly #length = new Int32Array(1);
  readonly #byte = new Uint8Array(1);

  // Bytes

  /** @returns bytes, 0 at the end, WOULD_BLOCK or BROKEN */
  receive(fd: number, into: Uint8Array): number {
    const length = this.calls.recv(fd, into, into.length, 0);
    return length >= 0 ? length : this.word();
  }

  /** As receive, but the bytes stay where they are. */
  peek(fd: number, into: Uint8Array): number {
    const length = this.calls.recv(fd, into, into.length, kernel.PEEK);
    return length >= 0 ? length : this.word();
  }

  /** Bytes that have come and were not received yet; up to an urgent byte, if there is one. */
  unread(fd: number): number {
    this.#number[0] = 0;
    return this.calls.ioctl(fd, kernel.SIOCINQ, this.#number) < 0 ? 0 : this.#number[0];
  }

  /** Whether bytes have come that were not received yet. A connection that is gone has none. */
  hasBytes(fd: number): boolean {
    return this.calls.recv(fd, this.#byte, 1, kernel.PEEK) > 0;
  }

  /** @returns bytes, WOULD_BLOCK or BROKEN */
  send(fd: number, bytes: Uint8Array, length: number): number {
    const sent = this.calls.send(fd, bytes, length, kernel.NO_SIGNAL);
    return sent >= 0 ? sent : this.word();
  }

  /** As send, for the last bytes: they wait for `finishSending` or `close`, and leave in one segment with the end. */
  sendLast(fd: number, bytes: Uint8Array, length: number): number {
    const sent = this.calls.send(fd, bytes, length, kernel.NO_SIGNAL | kernel.MORE_FOLLOWS);
    return sent >= 0 ? sent : this.word();
  }

  /** Moves up to `length` bytes between a pipe and a socket within the kernel. @returns as receive */
  splice(from: number, to: number, length: number): number {
    const moved = this.calls.splice(from, null, to, null, length, kernel.SPLICE_MOVE_NONBLOCK);
    return moved >= 0 ? moved : this.word();
  }

  /** Bytes that the peer has not acknowledged yet. */
  unacknowledged(fd: number): number {
    this.#number[0] = 0;
    return this.calls.ioctl(fd, kernel.SIOCOUTQ, this.#number) < 0 ? 0 : this.#number[0];
  }

  /** @returns false for a socket that is not of TCP */
  readTcpInfo(fd: number, { memory }: TcpInfo): boolean {
    this.#length[0] = memory.length;
    return this.calls.getsockopt(fd, kernel.TCP_INFO[0], kernel.TCP_INFO[1], memory, this.#length) === 0;
  }

  /** @param into words of SO_MEMINFO @returns false where the kernel has none */
  readSocketMemory(fd: number, into: Int32Array): boolean {
    this.#length[0] = into.byteLength;
    return this.calls.getsockopt(fd, kernel.SOCKET_MEMORY[0], kernel.SOCKET_MEMORY[1], into, this.#length) === 0;
  }

  finishSending(fd: number): void {
    this.calls.shutdown(fd, kernel.SHUT_WR);
  }

  /** Closes with a reset, which drops what was not sent yet. */
  reset(fd: number): void {
    this.dropAtClose(fd);
    this.close(fd);
  }

  /** Has its close drop what was not sent yet, and leave no TIME_WAIT. */
  dropAtClose(fd: number): void {
    this.#number[0] = 1;
    this.#number[1] = 0;
    this.calls.setsockopt(fd, kernel.LINGER[0], kernel.LINGER[1], this.#number, 8);
  }

  // Sockets

  /** @returns a descriptor, WOULD_BLOCK when no client waits, EXHAUSTED, or BROKEN when the client has left again */
  accept(listener: number, address: Uint8Array): number {
    this.#length[0] = address.length;
    return this.keep(this.calls.accept4(listener, address, this.#length, kernel.NONBLOCK_CLOEXEC));
  }

  /** @returns a non-blocking stream socket, EXHAUSTED or BROKEN */
  socket(family: 'unix' | 'ipv4' | 'ipv6'): number {
    const number = family === 'unix' ? kernel.AF_UNIX : family === 'ipv4' ? kernel.AF_INET : kernel.AF_INET6;
    return this.keep(this.calls.socket(number, kernel.STREAM_NONBLOCK_CLOEXEC, 0));
  }

  /** @returns 0 when it is connected already, WOULD_BLOCK while it is being, EXHAUSTED or BROKEN */
  connect(fd: number, address: Uint8Array): number {
    if (this.calls.connect(fd, address, address.length) === 0) return 0;
    // EAGAIN is a failure here: the backlog of a unix socket is full, and nothing will tell when it is not.
    return this.errno === kernel.AGAIN ? BROKEN : this.word();
  }

  /** @throws Error with the system's code */
  bind(fd: number, address: Uint8Array): void {
    this.check(this.calls.bind(fd, address, address.length), 'bind');
  }

  /** @returns false where it cannot be; `errorName` says why */
  tryBind(fd: number, address: Uint8Array): boolean {
    return this.calls.bind(fd, address, address.length) === 0;
  }

  /** @throws Error with the system's code */
  listen(fd: number, backlog: number): void {
    this.check(this.calls.listen(fd, backlog), 'listen');
  }

  /** @returns the length of the address */
  localAddress(fd: number, into: Uint8Array): number {
    this.#length[0] = into.length;
    this.check(this.calls.getsockname(fd, into, this.#length), 'getsockname');
    return this.#length[0];
  }

  /** An option that the socket does not have (of TCP, on a unix socket) is left out. */
  setOption(fd: number, option: SocketOption, value: number): void {
    this.#number[0] = value;
    this.calls.setsockopt(fd, kernel.OPTIONS[option][0], kernel.OPTIONS[option][1], this.#number, 4);
  }

  /** What became of a connect, or of a socket: the system's code, or '' when all is well. Clears it. */
  socketError(fd: number): string {
    this.#number[0] = 0;
    this.#length[0] = 4;
    this.calls.getsockopt(fd, kernel.OPTIONS.error[0], kernel.OPTIONS.error[1], this.#number, this.#length);
    return this.#number[0] === 0 ? '' : codeOf(this.#number[0]);
  }

  /** @returns its value, 0 where the socket has no such option */
  getOption(fd: number, option: SocketOption): number {
    const [level, name] = kernel.OPTIONS[option];
    this.#number[0] = 0;
    this.#length[0] = 4;
    return this.calls.getsockopt(fd, level, name, this.#number, this.#length) === 0 ? this.#number[0] : 0;
  }

  /** Whether a descriptor is a listening socket of this process. */
  isListening(fd: number): boolean {
    return this.getOption(fd, 'acceptsConnections') === 1;
  }

  // Descriptors

  /** @returns false when there are no descriptors left; else the two ends, for reading and writing, are in `ends` */
  pipe(ends: Int32Array): boolean {
    if (this.calls.pipe2(ends, kernel.NONBLOCK_CLOEXEC) !== 0) return false;
    for (const end of ends) this.keep(end);
    return true;
  }

  /** Has a pipe hold so many bytes, if the user may have them. @returns how many it holds now: pipe(7) */
  resizePipe(end: number, bytes: number): number {
    const resized = this.calls.fcntl(end, kernel.SET_PIPE_SIZE, bytes);
    return resized >= 0 ? resized : this.calls.fcntl(end, kernel.GET_PIPE_SIZE, 0);
  }
}
