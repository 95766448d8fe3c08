import { Timer } from '../linux/timer-wheel.ts';
import type { Endpoint } from './endpoint.ts';
import type { Loop } from '../linux/loop.ts';

const FIRST_LOOK_MS = 2;
const SLOWEST_LOOK_MS = 200;

/**
 * Resets an endpoint once its peer has every byte: a reset drops those that it has not got yet, and no event tells when it
 * has; so the socket's queue is looked at.
 */
export class DeferredReset {
  readonly endpoint: Endpoint;
  readonly #loop: Loop;
  readonly #reset: () => void;
  readonly #look = new Timer(() => this.flushed());
  #lookMs = FIRST_LOOK_MS;

  constructor(loop: Loop, endpoint: Endpoint, reset: () => void) {
    this.#loop = loop;
    this.endpoint = endpoint;
    this.#reset = reset;
  }

  /** The socket has taken all that waited for it. */
  flushed(): void {
    if (this.endpoint.isClosed) return;
    if (this.endpoint.hasFailed || this.#loop.libc.unacknowledged(this.endpoint.fd) === 0) {
      this.#reset();
      return;
    }
    this.#loop.set(this.#look, this.#loop.now + this.#lookMs);
    this.#lookMs = Math.min(this.#lookMs * 2, SLOWEST_LOOK_MS);
  }

  stop(): void {
    this.#loop.clear(this.#look);
  }
}
