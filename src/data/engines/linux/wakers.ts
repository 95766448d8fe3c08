import type { Wakers } from '../common/wakers.ts';
import { loadLibc, type Libc } from './libc.ts';

/** No thread has had this index yet. */
const NONE = 0;

/**
 * One eventfd(2) for each index of a worker, which wakes the thread that has it: the main thread writes to it when it has sent a
 * message, other threads when they call. They know it by its number alone, and so it is neither closed nor made anew
 * when a thread dies: the number could become a client's socket, and the next call would write into its stream.
 */
export class EventfdWakers implements Wakers {
  readonly memory: SharedArrayBuffer;
  readonly #libc: Libc;
  /** By index of a worker, the descriptor plus one, or NONE. */
  readonly #words: Int32Array;

  constructor(libc: Libc, memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#libc = libc;
    this.#words = new Int32Array(memory);
  }

  install(workerIndex: number): void {
    if (this.descriptor(workerIndex) < 0) Atomics.store(this.#words, workerIndex, this.#libc.eventCounter() + 1);
  }

  /** @returns -1 where there is none */
  descriptor(workerIndex: number): number {
    return workerIndex < this.#words.length ? Atomics.load(this.#words, workerIndex) - 1 : -1;
  }

  /** Wakes that thread, if there is one. The kernel keeps it for one that is busy, or comes later. */
  wake(workerIndex: number): void {
    const descriptor = this.descriptor(workerIndex);
    if (descriptor >= 0) this.#libc.wake(descriptor);
  }

  close(): void {
    for (let index = 0; index < this.#words.length; index++) {
      const word = Atomics.exchange(this.#words, index, NONE);
      if (word !== NONE) this.#libc.close(word - 1);
    }
  }
}

/** @throws Error that says why the engine cannot run here */
export function eventfdWakers(workers: number): Wakers {
  return new EventfdWakers(loadLibc(), new SharedArrayBuffer(workers * Int32Array.BYTES_PER_ELEMENT));
}
