import type { DatagramLimits } from '../../../../core/engine.ts';
import type { ClientSlot } from './client-slots.ts';
import type { Exchange } from './exchange.ts';
import { isPassing, isRefusal } from './backend-socket.ts';
import { HeldDatagrams } from './held.ts';
import { SessionCounts } from './session-counts.ts';
import type { SessionHome } from './session-home.ts';
import type { NativeMemory } from '../../linux/native-memory.ts';

/** A request is kept for another backend if it is no longer, and for so long. */
const MOST_KEPT_BYTES = 2048;
const KEPT_MS = 1000;
const NOTHING = -1;

const NO_LIMITS: DatagramLimits = { maxRequests: 0, maxResponses: 0 };

/** A session as to what its client sends. */
export abstract class SessionRequests extends SessionCounts {
  /** The socket that is connected to the backend; -1 while there is none. */
  fd = -1;
  isRelaying = false;
  requests = 0;
  lastRequestAt: number;
  protected limits = NO_LIMITS;
  protected prefix: NativeMemory | undefined;
  #held: HeldDatagrams | undefined;
  #sendsJoined = true;
  /** The last request, while there is no answer to it: the ticket of its bytes, how many, and when it came. */
  #kept = 0;
  #keptBytes = NOTHING;
  #keptSince = 0;

  constructor(exchange: Exchange, home: SessionHome, client: ClientSlot) {
    super(exchange, home, client);
    this.lastRequestAt = exchange.loop.now;
  }

  abstract readonly isEnded: boolean;

  /** The backend's host says that it is not there. */
  protected abstract refused(code: string): void;

  /** A datagram of the client. @param at its address, in the memory of the batch */
  request(at: number, length: number): void {
    if (this.isEnded) return;
    const { loop, batch } = this.exchange;
    this.#noteRequests(1);
    if (!this.isRelaying) return this.#hold(batch.view(at, length).slice(), loop.now, false);
    const sent = this.prefix === undefined ? loop.libc.sendAt(this.fd, at, length) : this.#send(at, length);
    const outcome = sent < 0 ? this.#sendAgain(at, length) : 'sent';
    if (outcome === 'refused') this.#hold(batch.view(at, length).slice(), loop.now, false);
    if (outcome !== 'sent') return;
    if (length <= MOST_KEPT_BYTES) this.#keep(batch.keep(at, length), length, loop.now);
    else this.#keptBytes = NOTHING;
    this.countRequests(1, length);
    this.#checkRequests();
  }

  /** As request, of bytes that are elsewhere. */
  requestCopy(bytes: Uint8Array): void {
    if (this.isEnded) return;
    this.#noteRequests(1);
    if (this.isRelaying) this.#sendCopy(bytes, this.exchange.loop.now, false);
    else this.#hold(bytes, this.exchange.loop.now, false);
    this.#checkRequests();
  }

  /**
   * Datagrams of one size, the last may be shorter.
   * @param pieces address of their struct iovec @param bytes of all
   * @returns false where they are to be given one by one
   */
  requestMany(pieces: number, pieceCount: number, count: number, bytes: number, segmentBytes: number): boolean {
    // The client is not let in, and hears no more of it.
    if (this.isEnded) return true;
    if (!this.isRelaying || !this.#sendsJoined || this.prefix !== undefined) return false;
    const { maxRequests } = this.limits;
    if (maxRequests > 0 && this.requests + count > maxRequests) return false;
    const { sender, loop } = this.exchange;
    if (sender.sendPieces(this.fd, pieces, pieceCount, segmentBytes) < 0) {
      const code = loop.libc.errorName();
      if (isRefusal(code)) this.#refuse(code);
      else if (!isPassing(code)) this.#sendsJoined = false;
      return false;
    }
    this.#noteRequests(count);
    this.#keptBytes = NOTHING;
    this.countRequests(count, bytes);
    this.#checkRequests();
    return true;
  }

  /** There is an answer to the last request. */
  protected answered(): void {
    this.#keptBytes = NOTHING;
  }

  /** What is not answered yet is held for the next backend. */
  protected holdUnanswered(): void {
    const { batch, loop } = this.exchange;
    const at = this.#keptBytes === NOTHING ? 0 : batch.keptAt(this.#kept);
    if (at !== 0 && loop.now - this.#keptSince <= KEPT_MS)
      this.#hold(batch.view(at, this.#keptBytes).slice(), this.#keptSince, true);
    this.#keptBytes = NOTHING;
  }

  /** Sends what waits, once there is a backend. */
  protected release(): void {
    const held = this.#held;
    this.#held = undefined;
    const { maxRequests } = this.limits;
    let left = maxRequests === 0 ? Infinity : maxRequests - this.requests + (held?.fresh ?? 0);
    this.#checkRequests();
    for (const { bytes, at, isCounted } of held?.takeAll() ?? []) {
      if (!isCounted && left-- <= 0) {
        this.requests -= 1;
        this.home.again(this, bytes);
      } else if (this.isRelaying) this.#sendCopy(bytes, at, isCounted);
      else this.#hold(bytes, at, isCounted);
    }
  }

  #noteRequests(count: number): void {
    this.lastRequestAt = this.exchange.loop.now;
    this.requests += count;
    this.home.used(this);
  }

  #checkRequests(): void {
    const { maxRequests } = this.limits;
    if (maxRequests > 0 && this.requests >= maxRequests) this.home.detach(this);
  }

  #keep(ticket: number, length: number, since: number): void {
    this.#kept = ticket;
    this.#keptBytes = length;
    this.#keptSince = since;
  }

  /** @param isCounted it was reported as delivered already, to a backend that is gone */
  #hold(bytes: Uint8Array, since: number, isCounted: boolean): void {
    this.#held ??= new HeldDatagrams();
    if (!this.#held.add(bytes, since, isCounted)) this.home.dropped('queue', 1);
  }

  #sendCopy(bytes: Uint8Array, since: number, isCounted: boolean): void {
    const { batch, scratch } = this.exchange;
    scratch.bytes.set(bytes);
    const sent = this.#send(scratch.address, bytes.length);
    const outcome = sent < 0 ? this.#sendAgain(scratch.address, bytes.length) : 'sent';
    if (outcome === 'refused') this.#hold(bytes, since, isCounted);
    if (outcome !== 'sent') return;
    if (bytes.length <= MOST_KEPT_BYTES) this.#keep(batch.keepCopy(bytes), bytes.length, since);
    if (!isCounted) this.countRequests(1, bytes.length);
  }

  #send(at: number, length: number): number {
    const { loop, sender } = this.exchange;
    if (this.prefix === undefined) return loop.libc.sendAt(this.fd, at, length);
    return sender.sendBehind(this.fd, this.prefix, at, length);
  }

  /** The error of a send may be that of an earlier datagram; this one was not sent. */
  #sendAgain(at: number, length: number): 'sent' | 'refused' | 'dropped' {
    const { libc } = this.exchange.loop;
    for (let tries = 0; tries < 2; tries++) {
      const code = libc.errorName();
      if (isRefusal(code)) {
        this.#refuse(code);
        return 'refused';
      }
      if (tries === 0 && this.#send(at, length) >= 0) return 'sent';
    }
    this.home.dropped('unsent', 1);
    return 'dropped';
  }

  #refuse(code: string): void {
    this.holdUnanswered();
    this.refused(code);
  }
}
