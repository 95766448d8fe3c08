import type { Calls } from '../../../core/engine.ts';
import type { EngineWorker, Wakers } from '../common/wakers.ts';

const QUIET = 0;
const CALLED = 1;

/**
 * A word of shared memory for each worker, which that thread waits for by `Atomics.waitAsync`: it keeps no thread
 * alive, ends with it, and its promise settles in a turn of Node's loop, which it wakes.
 */
export class NetCalls implements Calls {
  readonly workerIndex: number;
  readonly #words: Int32Array;
  #answer: (() => void) | undefined;

  constructor({ index, wakers }: EngineWorker) {
    this.workerIndex = index;
    this.#words = new Int32Array(wakers);
  }

  call(workerIndex: number): void {
    if (workerIndex >= this.#words.length) return;
    Atomics.store(this.#words, workerIndex, CALLED);
    // Also where it was called before: the thread that did may have died in between.
    Atomics.notify(this.#words, workerIndex);
  }

  onCall(answer: () => void): void {
    const isFirst = this.#answer === undefined;
    this.#answer = answer;
    if (!isFirst) return;
    this.#listen();
    // Threads that called before are answered, too.
    this.call(this.workerIndex);
  }

  /** Of calls that came between the two steps nothing is lost: the answer is yet to come. */
  #listen(): void {
    let call: ReturnType<typeof Atomics.waitAsync>;
    do {
      Atomics.store(this.#words, this.workerIndex, QUIET);
      call = Atomics.waitAsync(this.#words, this.workerIndex, QUIET);
    } while (!call.async);
    // What `answer` throws ends the thread, as anything does that is thrown in its loop.
    void call.value.then(() => this.#called());
  }

  /** Listens first, so that a call during the answer is answered once more. */
  #called(): void {
    this.#listen();
    this.#answer?.();
  }
}

export function netWakers(workers: number): Wakers {
  return {
    memory: new SharedArrayBuffer(workers * Int32Array.BYTES_PER_ELEMENT),
    install: () => undefined,
    close: () => undefined,
  };
}
