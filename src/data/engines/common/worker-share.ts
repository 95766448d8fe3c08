import {
  WORKERS_ACCEPTED,
  WORKERS_PAIRS,
  WORKERS_ACCEPTING,
  type DescriptorBudget,
} from '../../../core/descriptor-budget.ts';

/** Beyond its share, and no reason yet to leave clients to the others. */
const SLACK = 2;

/** What was accepted before counts no more. */
const EPOCH_MS = 1000;

/**
 * One thread's share of the clients, among the threads that accept from the same sockets. A thread is ahead when it
 * holds more pairs than its share and has lately accepted more than its share: by the first alone, one with many
 * silent pairs would leave all new clients to the others; by the second alone, so would a fast one to a slow one.
 */
export class WorkerShare {
  readonly #workers: Int32Array;
  readonly #held: Int32Array;
  #accepted = 0;
  /** When the epoch began, and what the two counts were then. */
  #since = 0;
  #acceptedBefore = 0;
  #allAcceptedBefore = 0;

  constructor({ workers, held }: DescriptorBudget) {
    this.#workers = new Int32Array(workers);
    this.#held = new Int32Array(held);
  }

  accepted(): void {
    this.#accepted += 1;
    Atomics.add(this.#workers, WORKERS_ACCEPTED, 1);
  }

  /** @param now milliseconds of the engine's clock */
  isAhead(now: number): boolean {
    const threads = this.#workers[WORKERS_ACCEPTING] as number;
    if (threads < 2) return false;
    if (((this.#held[0] as number) - SLACK) * threads <= (this.#workers[WORKERS_PAIRS] as number)) return false;
    const allAccepted = this.#workers[WORKERS_ACCEPTED] as number;
    if (now - this.#since >= EPOCH_MS) {
      this.#since = now;
      this.#acceptedBefore = this.#accepted;
      this.#allAcceptedBefore = allAccepted;
    }
    // The shared count wraps at 2^31, and so does the difference.
    const byAll = (allAccepted - this.#allAcceptedBefore) | 0;
    return (this.#accepted - this.#acceptedBefore - SLACK) * threads > byAll;
  }
}
