import { FAILED, HUNG_UP, PEER_FINISHED, READABLE, URGENT, WRITABLE } from '../linux/event-list.ts';
import type { Pipe } from '../linux/pipes.ts';
import type { Resumable, Watched } from '../linux/loop.ts';

/** What an endpoint is watched for. */
export const EVERYTHING = READABLE | WRITABLE | PEER_FINISHED | URGENT;

/** Behind the claims, in the same word. */
const LOOKS_SHIFT = 16;
export const MOST_LOOKS = 31;

export type Side = 'client' | 'backend';

/** What has an endpoint at the moment: the pair, and then its relay. */
export interface EndpointOwner {
  happened(endpoint: Endpoint, events: number): void;
  /** It may go on. @see Loop.yield */
  resume(endpoint: Endpoint): void;
}

/**
 * One socket of a pair, with what waits to be sent to it. There are two for each connection, so its claims share one
 * word: V8 gives each field eight bytes.
 */
export class Endpoint implements Watched, Resumable {
  readonly fd: number;
  readonly side: Side;
  owner: EndpointOwner;
  #claims = 0;
  /** Read since it last had nothing more. */
  burstBytes = 0;
  /** Copied bytes that it did not take yet. */
  pending: Buffer | undefined;
  /** Through which bytes come to it from the other one. */
  pipe: Pipe | undefined;
  /** Delivered to it, and not told yet. Below 0 where bytes that do not count are yet to be delivered. */
  unreportedBytes = 0;

  constructor(fd: number, side: Side, owner: EndpointOwner) {
    this.fd = fd;
    this.side = side;
    this.owner = owner;
  }

  /** There may be something to read. */
  get hasInput(): boolean {
    return this.#is(1);
  }
  set hasInput(is: boolean) {
    this.#set(1, is);
  }

  /** It has sent its last byte, and we have read it. */
  get readEnded(): boolean {
    return this.#is(2);
  }
  set readEnded(is: boolean) {
    this.#set(2, is);
  }

  /** We have sent our last byte to it. */
  get writeEnded(): boolean {
    return this.#is(4);
  }
  set writeEnded(is: boolean) {
    this.#set(4, is);
  }

  /** The peer takes nothing more. */
  get isUnwritable(): boolean {
    return this.#is(8);
  }
  set isUnwritable(is: boolean) {
    this.#set(8, is);
  }

  /** The peer has reset the connection. One that had finished before is not read any more, and so would not tell. */
  get hasFailed(): boolean {
    return this.#is(512);
  }
  set hasFailed(is: boolean) {
    this.#set(512, is);
  }

  get isClosed(): boolean {
    return this.#is(16);
  }
  set isClosed(is: boolean) {
    this.#set(16, is);
  }

  /** Its last byte is in the socket already: what a short read leaves is nothing. */
  get isEndAnnounced(): boolean {
    return this.#is(32);
  }
  set isEndAnnounced(is: boolean) {
    this.#set(32, is);
  }

  /** A short read may have stopped at an error or at an urgent byte: only an empty one says that nothing is left. */
  get isUneven(): boolean {
    return this.#is(64);
  }
  set isUneven(is: boolean) {
    this.#set(64, is);
  }

  /** It sends so much that its bytes go through a pipe. */
  get isBulk(): boolean {
    return this.#is(128);
  }
  set isBulk(is: boolean) {
    this.#set(128, is);
  }

  /** Waits for the next iteration, having more to read than one allows. */
  get isQueued(): boolean {
    return this.#is(256);
  }
  set isQueued(is: boolean) {
    this.#set(256, is);
  }

  /** It waits for a backend to be dialled, and has left if it finishes having sent nothing. */
  get isWaiting(): boolean {
    return this.#is(1024);
  }
  set isWaiting(is: boolean) {
    this.#set(1024, is);
  }

  /** A unix socket: its peer's kernel is ours, and does not vanish. */
  get isLocal(): boolean {
    return this.#is(2048);
  }
  set isLocal(is: boolean) {
    this.#set(2048, is);
  }

  /** Keep-alive is set. */
  get isProbed(): boolean {
    return this.#is(4096);
  }
  set isProbed(is: boolean) {
    this.#set(4096, is);
  }

  /** Bytes of it were delivered, or were lost because the other took none any more. */
  get hasSent(): boolean {
    return this.#is(8192);
  }
  set hasSent(is: boolean) {
    this.#set(8192, is);
  }

  /** It was still there when the other one ended its side. */
  get wasLeft(): boolean {
    return this.#is(16384);
  }
  set wasLeft(is: boolean) {
    this.#set(16384, is);
  }

  /** So many looks in a row have found bytes that its peer had not acknowledged; MOST_LOOKS stands for more. */
  get awaitingLooks(): number {
    return this.#claims >> LOOKS_SHIFT;
  }
  set awaitingLooks(looks: number) {
    this.#claims = (this.#claims & ((1 << LOOKS_SHIFT) - 1)) | (Math.min(looks, MOST_LOOKS) << LOOKS_SHIFT);
  }

  /** It did not take all that there was for it. */
  get hasPending(): boolean {
    return this.pending !== undefined || (this.pipe !== undefined && this.pipe.length > 0);
  }

  happened(events: number): void {
    this.owner.happened(this, events);
  }

  resume(): void {
    this.isQueued = false;
    this.owner.resume(this);
  }

  /** Takes note of an event before it is acted upon. */
  note(events: number): void {
    if ((events & ~WRITABLE) !== 0) this.hasInput = true;
    if ((events & (PEER_FINISHED | HUNG_UP)) !== 0) this.isEndAnnounced = true;
    if ((events & (FAILED | URGENT)) !== 0) this.isUneven = true;
    if ((events & FAILED) !== 0) this.hasFailed = true;
  }

  #is(claim: number): boolean {
    return (this.#claims & claim) !== 0;
  }

  #set(claim: number, is: boolean): void {
    this.#claims = is ? this.#claims | claim : this.#claims & ~claim;
  }
}
