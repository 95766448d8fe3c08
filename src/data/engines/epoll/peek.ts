import { MOST_PEEKED_BYTES, type Peeker, type PeekOptions, type PeekResult } from '../../../core/engine.ts';
import { WRITABLE } from '../linux/event-list.ts';
import { Timer } from '../linux/timer-wheel.ts';
import type { Endpoint, EndpointOwner } from './endpoint.ts';
import type { Loop } from '../linux/loop.ts';

/**
 * Waits for the first bytes of a client. They stay in its socket, so nothing is held and nothing is given back. Meanwhile
 * it has the endpoint in place of the pair, and hands on what happens there: so a pair that does not peek has nothing to
 * do with it. An event comes for each arrival, though what came before was not read.
 */
export class Peek implements EndpointOwner {
  readonly #loop: Loop;
  readonly #endpoint: Endpoint;
  readonly #pair: EndpointOwner;
  readonly #wanted: PeekOptions;
  readonly #peeker: Peeker;
  readonly #limit = new Timer(() => this.#answer('timeout'));

  constructor(loop: Loop, endpoint: Endpoint, wanted: PeekOptions, peeker: Peeker) {
    this.#loop = loop;
    this.#endpoint = endpoint;
    this.#pair = endpoint.owner;
    this.#wanted = wanted;
    this.#peeker = peeker;
  }

  start(): void {
    this.#endpoint.owner = this;
    this.#loop.set(this.#limit, this.#wanted.deadline);
    // Of what is there already no event comes any more, once one has come.
    if (this.#endpoint.hasInput || this.#wanted.atLeast > MOST_PEEKED_BYTES) this.#loop.defer(() => this.#look());
  }

  stop(): void {
    this.#loop.clear(this.#limit);
    this.#endpoint.owner = this.#pair;
  }

  happened(endpoint: Endpoint, events: number): void {
    this.#pair.happened(endpoint, events);
    if ((events & ~WRITABLE) !== 0) this.#look();
  }

  /** Before the relay nothing is read, and so nothing yields. */
  resume(): void {
    return;
  }

  #look(): void {
    if (this.#endpoint.owner !== this) return;
    const { atLeast } = this.#wanted;
    if (atLeast > MOST_PEEKED_BYTES) this.#answer('too-many');
    else if (atLeast === 1) this.#lookForAny();
    else if (this.#loop.libc.unread(this.#endpoint.fd) >= atLeast) this.#answer('enough');
    else if (this.#endpoint.isEndAnnounced) this.#answer('finished');
  }

  /** One call tells whether there is anything, and what. */
  #lookForAny(): void {
    const { libc, buffer } = this.#loop;
    const length = libc.peek(this.#endpoint.fd, buffer);
    if (length > 0) this.#tell(buffer.subarray(0, length), 'enough');
    else if (this.#endpoint.isEndAnnounced) this.#tell(buffer.subarray(0, 0), 'finished');
  }

  #answer(result: PeekResult): void {
    const { libc, buffer } = this.#loop;
    this.#tell(buffer.subarray(0, Math.max(0, libc.peek(this.#endpoint.fd, buffer))), result);
  }

  #tell(bytes: Uint8Array, result: PeekResult): void {
    this.stop();
    this.#peeker.peeked(bytes, result);
  }
}
