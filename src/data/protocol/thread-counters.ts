import type { ThreadStatus } from '../../core/process-status.ts';

/** Float64 words, which the thread alone writes: integers stay exact to 2^53. */
const ACCEPTED = 0;
const CONNECTIONS = 1;
const WORDS = 2;

export function threadCountersMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * Float64Array.BYTES_PER_ELEMENT);
}

/** Counts the connections of one thread, over all its servers, and numbers them. */
export class ThreadCounters {
  readonly #words: Float64Array;
  /** As a field of its own V8 keeps it in place while it is small. */
  #accepted = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Float64Array(memory);
  }

  /** @returns the connection's number, which no other of this thread has */
  arrive(): number {
    this.#accepted += 1;
    this.#words[ACCEPTED] = this.#accepted;
    this.#words[CONNECTIONS]! += 1;
    return this.#accepted;
  }

  leave(): void {
    this.#words[CONNECTIONS]! -= 1;
  }
}

/** As the control plane sees it. */
export function readThreadCounters(memory: SharedArrayBuffer): Pick<ThreadStatus, 'connections' | 'accepted'> {
  const words = new Float64Array(memory);
  return { connections: words[CONNECTIONS]!, accepted: words[ACCEPTED]! };
}
