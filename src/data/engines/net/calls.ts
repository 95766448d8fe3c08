import type { Calls } from '../../../core/engine.ts';
import type { Seat, Wakers } from '../common/wakers.ts';

const QUIET = 0;
const CALLED = 1;

/**
 * A word of shared memory for each seat, which the thread there waits for by `Atomics.waitAsync`: it keeps no thread
 * alive, ends with it, and its promise settles in a turn of Node's loop, which it wakes.
 */
export class NetCalls implements Calls {
  readonly seat: number;
  readonly #words: Int32Array;
  #answer: (() => void) | undefined;

  constructor({ number, wakers }: Seat) {
    this.seat = number;
    this.#words = new Int32Array(wakers);
  }

  call(seat: number): void {
    if (seat >= this.#words.length) return;
    Atomics.store(this.#words, seat, CALLED);
    // Also where it was called before: whoever did that may have died in between.
    Atomics.notify(this.#words, seat);
  }

  onCall(answer: () => void): void {
    const isFirst = this.#answer === undefined;
    this.#answer = answer;
    if (!isFirst) return;
    this.#listen();
    // Who called before is answered, too.
    this.call(this.seat);
  }

  /** Of calls that came between the two steps nothing is lost: the answer is yet to come. */
  #listen(): void {
    let call: ReturnType<typeof Atomics.waitAsync>;
    do {
      Atomics.store(this.#words, this.seat, QUIET);
      call = Atomics.waitAsync(this.#words, this.seat, QUIET);
    } while (!call.async);
    // What `answer` throws ends the thread, as anything does that is thrown in its loop.
    void call.value.then(() => this.#called());
  }

  /** Listens first, so that who calls while it answers is answered once more. */
  #called(): void {
    this.#listen();
    this.#answer?.();
  }
}

export function netWakers(seats: number): Wakers {
  return {
    memory: new SharedArrayBuffer(seats * Int32Array.BYTES_PER_ELEMENT),
    install: () => undefined,
    close: () => undefined,
  };
}
