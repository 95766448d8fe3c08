import type {
  DatagramAcceptor,
  DatagramBounds,
  DatagramDrop,
  DatagramListenOptions,
} from '../../../../core/datagrams.ts';
import type { ClientAddress } from '../../../../core/engine.ts';
import { ClientKey } from './client-key.ts';
import { SessionOrder, standingOf } from '../../common/session-order.ts';
import type { Watched } from '../../linux/loop.ts';
import { ReceiveDrops } from '../../linux/receive-drops.ts';
import { clientAddressIn, localAddressOf } from '../../linux/socket-address.ts';
import { askedAddress, ClientSlots, type ClientSlot } from './client-slots.ts';
import type { Exchange } from './exchange.ts';
import { Intake, type IntakeTarget } from './intake.ts';
import { setBuffers, type ListeningSocket } from './listening.ts';
import type { SessionHome } from './session-home.ts';
import { NO_SLOT, SessionTable } from './session-table.ts';
import { DatagramSession } from './session.ts';

/** A socket that clients send to, and their sessions. It lives as long as there is a listener or a session. */
export class DatagramPort implements Watched, SessionHome, IntakeTarget {
  readonly fd: number;
  readonly socket: ListeningSocket;
  /** What the kernel gave. */
  receiveBufferBytes = 0;
  readonly #exchange: Exchange;
  readonly #closed: () => void;
  readonly #table = new SessionTable();
  readonly #slots: ClientSlots;
  /** By slot. */
  readonly #sessions: (DatagramSession | undefined)[] = [];
  readonly #order = new SessionOrder<DatagramSession>();
  readonly #intake: Intake;
  readonly #key = new ClientKey();
  readonly #drops: ReceiveDrops;
  /** Also of a listener that is closed, for its sessions. */
  #acceptor!: DatagramAcceptor;
  #isListening = false;
  #isClosed = false;
  #mostSessions = 0;
  /** Of the last client for whom there was no room. */
  #shortage = '';
  /** Sessions that have not ended, and those whose memory is in use. */
  #live = 0;
  #unfreed = 0;

  /** @param closed called when the socket has been closed */
  constructor(exchange: Exchange, socket: ListeningSocket, closed: () => void) {
    this.#exchange = exchange;
    this.socket = socket;
    this.fd = socket.fd;
    this.#closed = closed;
    this.#slots = new ClientSlots(exchange.loop.libc);
    this.#drops = new ReceiveDrops(exchange.loop.libc, socket.fd);
    this.#intake = new Intake(exchange, socket, this);
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  get acceptor(): DatagramAcceptor {
    return this.#acceptor;
  }

  /** @returns takes what has come already, and then lets in no new client; unless another listener has taken over */
  listen({ acceptor, ...bounds }: DatagramListenOptions): () => void {
    this.#acceptor = acceptor;
    this.#isListening = true;
    this.adjust(acceptor, bounds);
    return () => {
      if (this.#isListening && this.#acceptor === acceptor) this.#stop();
    };
  }

  /** @returns as DatagramListener; undefined where another listener has taken over */
  adjust(acceptor: DatagramAcceptor, { mostSessions, receiveBufferBytes }: DatagramBounds): number | undefined {
    if (this.#acceptor !== acceptor) return undefined;
    this.#mostSessions = mostSessions;
    this.receiveBufferBytes = setBuffers(this.#exchange.loop.libc, this.fd, receiveBufferBytes);
    return this.receiveBufferBytes;
  }

  happened(): void {
    const overflown = this.#drops.since(this.#exchange.loop.now);
    if (overflown > 0) this.dropped('overflow', overflown);
    this.#intake.take();
  }

  /** @param named the client that a header names, undefined where there is none @returns undefined where there is no room */
  sessionFor(index: number, named: ClientAddress | undefined): DatagramSession | undefined {
    const { batch } = this.#exchange;
    this.#key.read(batch, index, named);
    const slot = this.#find(this.#key);
    if (slot !== NO_SLOT) return this.#sessions[slot];
    if (!this.#isListening || !this.#makeRoom()) return undefined;
    const address = named ?? clientAddressIn(batch.nameOf(index));
    return this.#begin(this.#key, this.#slots.take(batch, index), address);
  }

  // What sessions tell.

  dropped(why: DatagramDrop, datagrams: number): void {
    this.#acceptor.dropped(why, datagrams);
  }

  noRoomFor(datagrams: number): void {
    this.#acceptor.dropped('full', datagrams, this.#shortage);
  }

  localAddressOf({ client }: DatagramSession): ClientAddress {
    return this.socket.isWildcard
      ? askedAddress(client, this.socket.at.port)
      : localAddressOf(this.#exchange.loop.libc, this.fd);
  }

  used(session: DatagramSession): void {
    this.#order.touch(session, this.#exchange.loop.now, standingOf(session.requests, session.responses));
  }

  detach({ client: { slot } }: DatagramSession): void {
    this.#table.delete(slot);
  }

  /** At the end of the iteration: this is called from within a call of the session's owner. */
  again(session: DatagramSession, bytes: Uint8Array): void {
    const key = new ClientKey();
    key.copy(this.#table, session.client.slot);
    const client = this.#slots.copy(session.client);
    this.#exchange.loop.defer(() => this.#takeAgain(key, client, session.clientAddress, bytes));
  }

  ended(session: DatagramSession): void {
    this.#live -= 1;
    this.#exchange.descriptors.release();
    this.#order.remove(session);
    this.#table.delete(session.client.slot);
  }

  left({ client: { slot } }: DatagramSession): void {
    this.#unfreed -= 1;
    this.#sessions[slot] = undefined;
    this.#slots.release(slot);
    this.#closeIfUnused();
  }

  #stop(): void {
    this.#intake.takeAll();
    this.#isListening = false;
    this.#intake.stop();
    this.#closeIfUnused();
  }

  #takeAgain(key: ClientKey, client: ClientSlot, address: ClientAddress, bytes: Uint8Array): void {
    const slot = this.#find(key);
    if (slot === NO_SLOT && this.#isListening && this.#makeRoom()) {
      this.#begin(key, client, address).requestCopy(bytes);
      return;
    }
    this.#slots.release(client.slot);
    if (slot !== NO_SLOT) this.#sessions[slot]?.requestCopy(bytes);
  }

  #find(key: ClientKey): number {
    return this.#table.find(key.words, key.length);
  }

  /** @param key has just not been found */
  #begin(key: ClientKey, client: ClientSlot, address: ClientAddress): DatagramSession {
    const session = new DatagramSession(this.#exchange, this, client, address);
    this.#table.add(client.slot, key.words, key.length);
    this.#sessions[client.slot] = session;
    this.used(session);
    this.#live += 1;
    this.#unfreed += 1;
    this.#acceptor.accepted(session);
    // A dial is done at once, so that most sessions have a backend before their first datagram is sent on.
    session.settle();
    return session;
  }

  /** Ends an idle session where it takes that. @returns false where there is no room */
  #makeRoom(): boolean {
    const { descriptors } = this.#exchange;
    const isFull = this.#live >= this.#mostSessions;
    if (!isFull && descriptors.claim()) return true;
    const hasEvicted = this.#evict();
    // There are more than a reload allows.
    if (this.#live >= this.#mostSessions) this.#evict();
    if (hasEvicted && descriptors.claim()) return true;
    this.#shortage = isFull && !hasEvicted ? '' : 'EMFILE';
    this.noRoomFor(1);
    if (this.#shortage !== '') this.#acceptor.noResources(this.#shortage);
    return false;
  }

  #evict(): boolean {
    const idle = this.#order.toEvict(this.#exchange.loop.now);
    idle?.end('client-idle');
    return idle !== undefined;
  }

  #closeIfUnused(): void {
    if (this.#isListening || this.#unfreed > 0 || this.#isClosed) return;
    this.#isClosed = true;
    const { loop, answers } = this.#exchange;
    answers.forget(this.fd);
    loop.forget(this.fd);
    loop.libc.close(this.fd);
    this.#closed();
  }
}
