const FREE = 0;
/** Set in the word while a thread may be asleep for it. */
const CONTENDED = 2 ** 30;
/** A section that is under way on another core ends sooner than a sleep would begin. */
const SPINS = 100;

/** The highest number of an owner. */
export const MAX_OWNER = CONTENDED - 1;

/**
 * A lock between threads in one word of shared memory: the third mutex of Drepper's "Futexes are tricky", whose word
 * also names its holder. It is not reentrant and not fair. What a holder wrote, the next one sees by plain reads.
 *
 * A thread may die while it holds it, or after it was woken and before it took it: then another thread has to `free` it.
 */
export class SharedLock {
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #owner: number;

  /** @param owner a number from 1 to MAX_OWNER, its own for each thread */
  constructor(words: Int32Array, word: number, owner: number) {
    this.#words = words;
    this.#word = word;
    this.#owner = owner;
  }

  acquire(): void {
    if (Atomics.compareExchange(this.#words, this.#word, FREE, this.#owner) !== FREE) this.#contend(Infinity);
  }

  /** @returns false when the same holder has kept it for `patienceMs` */
  acquireWithin(patienceMs: number): boolean {
    return Atomics.compareExchange(this.#words, this.#word, FREE, this.#owner) === FREE || this.#contend(patienceMs);
  }

  /** To be called by the holder. */
  release(): void {
    if ((Atomics.exchange(this.#words, this.#word, FREE) & CONTENDED) !== 0) Atomics.notify(this.#words, this.#word, 1);
  }

  /** Its owner's number; 0 when it is free. */
  get holder(): number {
    return Atomics.load(this.#words, this.#word) & MAX_OWNER;
  }

  /** Takes it from a holder that has died. */
  free(): void {
    Atomics.store(this.#words, this.#word, FREE);
    this.wake();
  }

  /** Has all sleeping threads look again: a thread may have died that had been woken to take it. */
  wake(): void {
    Atomics.notify(this.#words, this.#word);
  }

  #contend(patienceMs: number): boolean {
    const words = this.#words;
    const word = this.#word;
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(words, word) !== FREE) continue;
      if (Atomics.compareExchange(words, word, FREE, this.#owner) === FREE) return true;
    }
    for (;;) {
      const seen = Atomics.load(words, word);
      if (seen === FREE) {
        // Others may be asleep still, and only the release of a contended lock wakes them.
        if (Atomics.compareExchange(words, word, FREE, this.#owner | CONTENDED) === FREE) return true;
        continue;
      }
      const contended = seen | CONTENDED;
      if (seen !== contended && Atomics.compareExchange(words, word, seen, contended) !== seen) continue;
      if (Atomics.wait(words, word, contended, patienceMs) === 'timed-out') return false;
    }
  }
}
