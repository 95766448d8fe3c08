import type { Clock } from '../../core/clock.ts';
import { withTimeout } from './with-timeout.ts';

/** Questions to one thread that it may not live to answer. */
export class PendingRequests<Answer> {
  readonly #clock: Clock;
  readonly #open = new Map<number, (answer: Answer | undefined) => void>();
  #asked = 0;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param send puts the question
   * @returns undefined when the thread has ended without an answer
   * @throws TslbError TSLB_THREAD_SILENT
   */
  ask(send: (request: number) => void): Promise<Answer | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    this.#asked += 1;
    const request = this.#asked;
    const answer = new Promise<Answer | undefined>((resolve) => {
      this.#open.set(request, resolve);
      send(request);
    });
    return withTimeout(answer, this.#clock, () => this.#open.delete(request));
  }

  /** That are not answered. */
  get open(): number {
    return this.#open.size;
  }

  answered(request: number, answer: Answer): void {
    this.#open.get(request)?.(answer);
  }

  /** The thread has ended, and will not answer any more. */
  close(): void {
    this.#isClosed = true;
    for (const resolve of this.#open.values()) resolve(undefined);
  }
}
