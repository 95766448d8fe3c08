import { WORKERS_PAIRS, MOST_PAIRS, OPEN_PAIRS, type DescriptorBudget } from '../../../core/descriptor-budget.ts';

/**
 * Keeps this process's connections within its descriptors: a client for which no pair of them is left is not
 * let in. Node gives no way to pause a listener, and libuv answers EMFILE by closing the clients that wait, without a word; so
 * the net engine turns that client away, counts it and says so. The epoll engine leaves it in the backlog.
 */
export class Descriptors {
  readonly #shared: Int32Array;
  readonly #workers: Int32Array;
  readonly #held: Int32Array;

  constructor({ shared, workers, held }: DescriptorBudget) {
    this.#shared = new Int32Array(shared);
    this.#workers = new Int32Array(workers);
    this.#held = new Int32Array(held);
  }

  /** Claims the descriptors of one pair. @returns false when there are none left */
  claim(): boolean {
    const open = Atomics.add(this.#shared, OPEN_PAIRS, 1);
    if (open >= Atomics.load(this.#shared, MOST_PAIRS)) {
      Atomics.sub(this.#shared, OPEN_PAIRS, 1);
      return false;
    }
    Atomics.add(this.#workers, WORKERS_PAIRS, 1);
    Atomics.add(this.#held, 0, 1);
    return true;
  }

  release(): void {
    Atomics.sub(this.#held, 0, 1);
    Atomics.sub(this.#workers, WORKERS_PAIRS, 1);
    Atomics.sub(this.#shared, OPEN_PAIRS, 1);
  }
}
