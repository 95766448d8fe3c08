import { FAILED } from '../linux/event-list.ts';
import { BROKEN, WOULD_BLOCK } from '../linux/libc-descriptors.ts';
import type { Loop } from '../linux/loop.ts';
import { Timer } from '../linux/timer-wheel.ts';
import { LONGEST_GOODBYE_MS, MOST_DISCARDED_BYTES } from '../common/goodbye.ts';
import type { Endpoint, EndpointOwner } from './endpoint.ts';

/**
 * Says something to a client that is to be closed, and has the endpoint until it is over. A close resets the connection
 * where bytes of the client are unread, and its kernel may drop what we said: so what it sends is read until it has finished.
 */
export class LastWords implements EndpointOwner {
  readonly #loop: Loop;
  readonly #endpoint: Endpoint;
  readonly #over: () => void;
  readonly #limit = new Timer(() => this.#over());
  #discardedBytes = 0;

  /** @param over called when the client may be closed; never from within a call */
  constructor(loop: Loop, endpoint: Endpoint, over: () => void) {
    this.#loop = loop;
    this.#endpoint = endpoint;
    this.#over = over;
  }

  say(words: Uint8Array): void {
    const { libc } = this.#loop;
    this.#endpoint.owner = this;
    libc.send(this.#endpoint.fd, words, words.length);
    libc.finishSending(this.#endpoint.fd);
    this.#loop.set(this.#limit, this.#loop.now + LONGEST_GOODBYE_MS);
    this.#loop.defer(() => this.#discard());
  }

  stop(): void {
    this.#loop.clear(this.#limit);
  }

  happened(endpoint: Endpoint, events: number): void {
    endpoint.note(events);
    if ((events & FAILED) === 0) this.#discard();
    else this.#over();
  }

  /** Nothing yields. */
  resume(): void {
    return;
  }

  #discard(): void {
    const { libc, buffer } = this.#loop;
    while (this.#endpoint.owner === this && this.#limit.isSet) {
      const length = libc.receive(this.#endpoint.fd, buffer);
      if (length === WOULD_BLOCK) return;
      this.#discardedBytes += Math.max(0, length);
      if (length === 0 || length === BROKEN || this.#discardedBytes > MOST_DISCARDED_BYTES) return this.#over();
    }
  }
}
