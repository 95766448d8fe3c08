import type { Wakers } from '../common/wakers.ts';
import { loadLibc, type Libc } from './libc.ts';

/** No thread has sat there yet. */
const NONE = 0;

/**
 * One eventfd(2) for each seat, which wakes whichever thread sits there: the main thread writes to it when it has sent a
 * message, other threads when they call. They know it by its number alone, and so it is neither closed nor made anew
 * when a thread dies: the number would become somebody's socket, and the next call would be in its stream.
 */
export class EventfdWakers implements Wakers {
  readonly memory: SharedArrayBuffer;
  readonly #libc: Libc;
  /** By seat, the descriptor plus one, or NONE. */
  readonly #words: Int32Array;

  constructor(libc: Libc, memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#libc = libc;
    this.#words = new Int32Array(memory);
  }

  install(seat: number): void {
    if (this.descriptor(seat) < 0) Atomics.store(this.#words, seat, this.#libc.eventCounter() + 1);
  }

  /** @returns -1 where there is none */
  descriptor(seat: number): number {
    return seat < this.#words.length ? Atomics.load(this.#words, seat) - 1 : -1;
  }

  /** Wakes the thread in a seat, if any. The kernel keeps it for one that is busy, or comes later. */
  wake(seat: number): void {
    const descriptor = this.descriptor(seat);
    if (descriptor >= 0) this.#libc.wake(descriptor);
  }

  close(): void {
    for (let seat = 0; seat < this.#words.length; seat++) {
      const word = Atomics.exchange(this.#words, seat, NONE);
      if (word !== NONE) this.#libc.close(word - 1);
    }
  }
}

/** @throws Error that says why the engine cannot run here */
export function eventfdWakers(seats: number): Wakers {
  return new EventfdWakers(loadLibc(), new SharedArrayBuffer(seats * Int32Array.BYTES_PER_ELEMENT));
}
