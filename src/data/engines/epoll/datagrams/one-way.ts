import type { SocketAddress } from '../../../../core/address.ts';
import type { OneWay } from '../../../../core/datagrams.ts';
import type { ClientAddress } from '../../../../core/engine.ts';
import { Timer } from '../../linux/timer-wheel.ts';
import { openTowards } from './backend-socket.ts';
import type { Exchange } from './exchange.ts';

/** Backends that a socket is kept for, and for how long after its last datagram. */
const MOST_SOCKETS = 256;
const KEEP_MS = 30_000;

interface OneWaySocket {
  readonly fd: number;
  usedAt: number;
}

/** Sockets connected to backends, each shared by all clients. What backends send to them is not read. */
export class OneWaySockets {
  readonly #exchange: Exchange;
  /** The one that was not used for longest first. */
  readonly #byBackend = new Map<SocketAddress, OneWaySocket>();
  readonly #closing = new Timer(() => this.#closeUnused());
  #last: SocketAddress | undefined;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** @param at address of the bytes @returns false where it could not be sent, also not to a second backend */
  send(oneWay: OneWay, client: ClientAddress, at: number, length: number): boolean {
    for (let tries = 0; tries < 2; tries++) {
      const to = oneWay.elect(client);
      if (to === undefined) return true;
      const code = this.#sendTo(to, at, length);
      if (code === '') {
        oneWay.sent(length);
        return true;
      }
      oneWay.failed(code);
    }
    return false;
  }

  close(): void {
    this.#exchange.loop.clear(this.#closing);
    for (const to of this.#byBackend.keys()) this.#closeOne(to);
  }

  /** @returns the system's code, '' where it is sent */
  #sendTo(to: SocketAddress, at: number, length: number): string {
    const { libc } = this.#exchange.loop;
    const socket = this.#socketTowards(to);
    if (typeof socket === 'string') return socket;
    return libc.sendAt(socket.fd, at, length) >= 0 ? '' : libc.errorName();
  }

  #socketTowards(to: SocketAddress): OneWaySocket | string {
    const known = this.#byBackend.get(to);
    if (known === undefined) return this.#open(to);
    known.usedAt = this.#exchange.loop.now;
    if (to === this.#last) return known;
    this.#last = to;
    this.#byBackend.delete(to);
    this.#byBackend.set(to, known);
    return known;
  }

  #open(to: SocketAddress): OneWaySocket | string {
    const { loop, descriptors } = this.#exchange;
    if (this.#byBackend.size === MOST_SOCKETS) this.#closeOldest();
    if (!descriptors.claim()) {
      this.#closeOldest();
      if (!descriptors.claim()) return 'EMFILE';
    }
    const fd = openTowards(loop, to, undefined);
    if (typeof fd === 'string') {
      descriptors.release();
      return fd;
    }
    // Answers wait for nobody.
    loop.libc.setOption(fd, 'receiveBuffer', 1);
    const socket = { fd, usedAt: loop.now };
    this.#byBackend.set(to, socket);
    this.#last = to;
    if (!this.#closing.isSet) loop.set(this.#closing, loop.now + KEEP_MS);
    return socket;
  }

  #closeOldest(): void {
    for (const to of this.#byBackend.keys()) return this.#closeOne(to);
  }

  #closeOne(to: SocketAddress): void {
    const socket = this.#byBackend.get(to);
    if (socket === undefined) return;
    this.#byBackend.delete(to);
    this.#exchange.loop.libc.close(socket.fd);
    this.#exchange.descriptors.release();
  }

  #closeUnused(): void {
    const { loop } = this.#exchange;
    for (const [to, { usedAt }] of this.#byBackend) if (loop.now - usedAt >= KEEP_MS) this.#closeOne(to);
    if (this.#byBackend.size > 0) loop.set(this.#closing, loop.now + KEEP_MS);
  }
}
