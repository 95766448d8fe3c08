const STATE = 0;
const FIRST_HOLDER = 1;

const OPEN = 0;
const CLOSED = 1;

/**
 * The threads that hold a descriptor which several use: a word for each, in shared memory. The last one to release it
 * closes it, so that none closes it under another, and none has to wait for another's word to do it.
 */
export class FdHolders {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  static ofSize(holders: number): FdHolders {
    return new FdHolders(new SharedArrayBuffer((FIRST_HOLDER + holders) * Int32Array.BYTES_PER_ELEMENT));
  }

  hold(holder: number): void {
    Atomics.store(this.#words, FIRST_HOLDER + holder, 1);
  }

  /** @returns whether no thread holds it any more, and the caller is the one to close it */
  release(holder: number): boolean {
    Atomics.store(this.#words, FIRST_HOLDER + holder, 0);
    for (let word = FIRST_HOLDER; word < this.#words.length; word++) {
      if (Atomics.load(this.#words, word) !== 0) return false;
    }
    return Atomics.compareExchange(this.#words, STATE, OPEN, CLOSED) === OPEN;
  }
}
