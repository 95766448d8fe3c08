import { createRequire } from 'node:module';

import { encodeAddress, LARGEST_BYTES, portOf } from '../../../src/data/engines/linux/socket-address.ts';
import type { Libc } from '../../../src/data/engines/linux/libc.ts';
import { HOST } from '../ports.ts';

/** socket(7), udp(7). */
const AF_INET = 2;
const DATAGRAM_NONBLOCK_CLOEXEC = 0x2 | 0x800 | 0x8_0000;
const DONT_WAIT = 0x40;
const RECEIVE_BUFFER = [1, 8] as const;
const SEND_BUFFER = [1, 7] as const;
const SEGMENT = [17, 103] as const;
const GRO = [17, 104] as const;

/** What the kernel gives to everybody who asks, as far as `net.core.rmem_max` allows it. */
const BUFFER_BYTES = 4 * 1024 * 1024;

interface Koffi {
  load(path: null): { func(signature: string): unknown };
  address(memory: Uint8Array): bigint;
}

type Socket = (family: number, type: number, protocol: number) => number;
type SetOption = (fd: number, level: number, name: number, value: Int32Array, length: number) => number;
type ReceiveMany = (fd: number, messages: Uint8Array, count: number, flags: number, timeout: null) => number;
type SendMany = (fd: number, messages: Uint8Array, count: number, flags: number) => number;

/** Calls for UDP that the load alone makes; all else is of `Libc`. */
export class UdpCalls {
  readonly #libc: Libc;
  readonly #koffi: Koffi;
  readonly #socket: Socket;
  readonly #setOption: SetOption;
  readonly #receiveMany: ReceiveMany;
  readonly #sendMany: SendMany;
  readonly #value = new Int32Array(1);

  /** @throws Error when there is no koffi */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#koffi = createRequire(import.meta.url)('koffi') as Koffi;
    const library = this.#koffi.load(null);
    this.#socket = library.func('int socket(int, int, int)') as Socket;
    this.#setOption = library.func('int setsockopt(int, int, int, const void *, uint)') as SetOption;
    this.#receiveMany = library.func('int recvmmsg(int, void *, uint, int, void *)') as ReceiveMany;
    this.#sendMany = library.func('int sendmmsg(int, void *, uint, int)') as SendMany;
  }

  /** @throws Error when there are no descriptors left */
  socket(): number {
    const fd = this.#socket(AF_INET, DATAGRAM_NONBLOCK_CLOEXEC, 0);
    if (fd < 0) throw new Error(`socket failed: ${this.#libc.errorName()}`);
    return fd;
  }

  /** A socket with a port of its own that sends to this one, and hears from it alone. */
  connected(to: Uint8Array): number {
    const fd = this.socket();
    if (this.#libc.connect(fd, to) < 0) throw new Error(`connect failed: ${this.#libc.errorName()}`);
    return fd;
  }

  /** A socket on a free port of 127.0.0.1, with a big buffer. @returns it and its port */
  bound(): { readonly fd: number; readonly port: number } {
    const fd = this.socket();
    this.#set(fd, RECEIVE_BUFFER, BUFFER_BYTES);
    this.#set(fd, SEND_BUFFER, BUFFER_BYTES);
    this.#libc.bind(fd, encodeAddress({ ip: HOST, port: 0 }));
    const address = Buffer.alloc(LARGEST_BYTES);
    this.#libc.localAddress(fd, address);
    return { fd, port: portOf(address) };
  }

  /** Has each send be cut into datagrams of so many bytes. */
  segment(fd: number, bytes: number): void {
    this.#set(fd, SEGMENT, bytes);
  }

  /** Takes datagrams of one sender joined, as the kernel has them. */
  joined(fd: number): void {
    this.#set(fd, GRO, 1);
  }

  addressOf(memory: Uint8Array): bigint {
    return this.#koffi.address(memory);
  }

  /** @param messages of struct mmsghdr @returns how many there were; below 0 there is none */
  receiveMany(fd: number, messages: Uint8Array, count: number): number {
    return this.#receiveMany(fd, messages, count, DONT_WAIT, null);
  }

  sendMany(fd: number, messages: Uint8Array, count: number): number {
    return this.#sendMany(fd, messages, count, DONT_WAIT);
  }

  #set(fd: number, [level, name]: readonly [number, number], value: number): void {
    this.#value[0] = value;
    this.#setOption(fd, level, name, this.#value, 4);
  }
}
