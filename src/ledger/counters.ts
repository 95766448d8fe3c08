import { MAX_SLOTS, countersBytes } from './layout.ts';

/** What one thread counts. */
interface Own {
  readonly memory: SharedArrayBuffer;
  /** Of fixed length: a view that tracks a growing buffer is slower to read. */
  view: Float64Array;
}

/**
 * The counters of all threads, as their owner, the control plane, sums them. A column that only rises in each thread never
 * reads less than before, and never below 0, whatever is reset and whichever thread dies meanwhile.
 */
export class Counters {
  readonly #threads = new Map<number, Own>();
  #slots: number;
  /** Sums of threads that are gone, less what each slot had counted for its earlier backend. */
  #retired: Float64Array;
  /** What was counted at the last reset. */
  #before: Float64Array;

  constructor(slots: number) {
    this.#slots = slots;
    this.#retired = new Float64Array(countersBytes(slots) / Float64Array.BYTES_PER_ELEMENT);
    this.#before = new Float64Array(this.#retired.length);
  }

  /** @returns the thread's own; the same number opens the same memory again */
  open(thread: number): SharedArrayBuffer {
    const known = this.#threads.get(thread);
    if (known !== undefined) return known.memory;
    const memory = new SharedArrayBuffer(countersBytes(this.#slots), { maxByteLength: countersBytes(MAX_SLOTS) });
    this.#threads.set(thread, { memory, view: viewOf(memory) });
    return memory;
  }

  /** A thread died: what it counted is kept. @param takeGauges sets what counts what it held to 0 */
  reclaim(thread: number, takeGauges: (counted: Float64Array) => void): void {
    const own = this.#threads.get(thread);
    if (own === undefined) return;
    this.#threads.delete(thread);
    takeGauges(own.view);
    for (const [column, amount] of own.view.entries()) this.#retired[column]! += amount;
  }

  /** Since the last reset. */
  sum(column: number): number {
    return this.sumEver(column) - this.#before[column]!;
  }

  /** Whatever was reset. */
  sumEver(column: number): number {
    let sum = this.#retired[column]!;
    for (const { view } of this.#threads.values()) sum += view[column]!;
    return sum;
  }

  /** Begins at 0 again. @returns the sum until then */
  reset(column: number): number {
    const before = this.#before[column]!;
    const now = this.sumEver(column);
    this.#before[column] = now;
    return now - before;
  }

  /** Forgets what was ever counted: the column is another backend's from now on. */
  clear(column: number): void {
    this.#retired[column]! -= this.sumEver(column);
    this.#before[column] = 0;
  }

  grow(slots: number): void {
    this.#slots = slots;
    for (const own of this.#threads.values()) {
      own.memory.grow(countersBytes(slots));
      own.view = viewOf(own.memory);
    }
    this.#retired = grown(this.#retired, slots);
    this.#before = grown(this.#before, slots);
  }
}

function viewOf(memory: SharedArrayBuffer): Float64Array {
  return new Float64Array(memory, 0, memory.byteLength / Float64Array.BYTES_PER_ELEMENT);
}

function grown(columns: Float64Array, slots: number): Float64Array {
  const wider = new Float64Array(countersBytes(slots) / Float64Array.BYTES_PER_ELEMENT);
  wider.set(columns);
  return wider;
}
