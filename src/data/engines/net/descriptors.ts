import type { DescriptorBudget } from '../../../core/engine.ts';

/**
 * Keeps this process's connections within its descriptors. Node gives no way to pause a listener, and libuv answers
 * EMFILE by closing whoever waits without a word; so a client for whom there would be no pair of descriptors is turned
 * away by us, who can count it and say so.
 */
export class Descriptors {
  readonly #words: Int32Array;

  constructor(budget: DescriptorBudget) {
    this.#words = new Int32Array(budget);
  }

  /** Claims the descriptors of one link. @returns false when there are none left */
  claim(): boolean {
    const open = Atomics.add(this.#words, OPEN, 1);
    if (open < Atomics.load(this.#words, LIMIT)) return true;
    this.giveBack();
    return false;
  }

  giveBack(): void {
    Atomics.sub(this.#words, OPEN, 1);
  }
}

const OPEN = 0;
const LIMIT = 1;
