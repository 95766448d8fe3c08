import type { BackendTotals, ServerTotals } from '../core/totals.ts';
import { Counters } from './counters.ts';
import {
  BACKEND_COLUMN,
  BEING_PROBED,
  IN_SERVICE,
  EJECTION,
  FAILURE_COUNT,
  FAILURE_WORDS,
  MAX_CURSORS,
  MAX_SLOTS,
  PROBING,
  ROW_WIDTH,
  SERVER_COLUMN,
  SERVER_OCCUPANCY,
  SERVER_WIDTH,
  EJECTED,
  cursorsBytes,
  growTo,
  failureStatesBytes,
  occupancyOf,
  ratesBytes,
  rowOf,
  wordsBytes,
  type LedgerMemory,
} from './layout.ts';
import { release, peakAt, resetPeak, inUseAt } from './occupancy.ts';
import { queueMemory, reclaimQueue } from './queue-words.ts';
import {
  byBackends,
  NOTHING,
  readBackendTotals,
  readServerTotals,
  sumOf,
  sumOfRows,
  type ByBackends,
} from './read-totals.ts';

const FIRST_CAPACITY = 16;

const SERVER_GAUGES: ReadonlySet<number> = new Set([SERVER_COLUMN.open, SERVER_COLUMN.waiting]);

/**
 * One server's ledger as its owner, the control plane, sees it: hands out slots, opens it for threads, sums what they
 * counted, and reclaims what a dead thread held.
 */
export class ServerLedger {
  readonly #words = new SharedArrayBuffer(wordsBytes(FIRST_CAPACITY), { maxByteLength: wordsBytes(MAX_SLOTS) });
  readonly #cursors = new SharedArrayBuffer(cursorsBytes(FIRST_CAPACITY), { maxByteLength: cursorsBytes(MAX_CURSORS) });
  readonly #failureStates = new SharedArrayBuffer(failureStatesBytes(FIRST_CAPACITY), {
    maxByteLength: failureStatesBytes(MAX_SLOTS),
  });
  readonly #rates = new SharedArrayBuffer(ratesBytes(FIRST_CAPACITY), { maxByteLength: ratesBytes(MAX_SLOTS) });
  readonly #queue = queueMemory();
  readonly #counters = new Counters(FIRST_CAPACITY);
  /** Of fixed length: a view that tracks a growing buffer is slower to read. */
  #occupancies = fixedView(this.#words);
  #capacity = FIRST_CAPACITY;
  #used = 0;
  /** Of backends whose rows were given to others, since the last reset. */
  #departed = NOTHING;
  readonly #free: number[] = [];

  /** A row for a new backend, with all its totals and rates at 0. @throws RangeError when MAX_SLOTS backends are there */
  allocate(): number {
    const slot = this.#free.pop() ?? this.#used;
    if (slot >= MAX_SLOTS) throw new RangeError(`a server can have at most ${MAX_SLOTS} backends`);
    if (slot === this.#used) this.#used += 1;
    if (slot >= this.#capacity) this.#grow(Math.min(this.#capacity * 2, MAX_SLOTS));
    this.resetBackend(slot);
    for (let column = 0; column < ROW_WIDTH; column++) this.#counters.clear(rowOf(slot) + column);
    new Int32Array(this.#failureStates).fill(0, slot * FAILURE_WORDS, (slot + 1) * FAILURE_WORDS);
    this.setRates(slot, 0, 0);
    return slot;
  }

  /** Gives a row back. The caller makes sure that no thread can still elect it and that its `active` is 0. */
  release(slot: number): void {
    this.#free.push(slot);
  }

  /** Opens the ledger for a thread. The same number opens the same memory again. */
  open(thread: number): LedgerMemory {
    const counters = this.#counters.open(thread);
    return {
      words: this.#words,
      cursors: this.#cursors,
      failureStates: this.#failureStates,
      rates: this.#rates,
      queue: this.#queue,
      counters,
      thread,
    };
  }

  /** A thread died: keeps what it had counted and releases the connections it held. @param queue number of its queue */
  reclaim(thread: number, queue: number): void {
    const failureStates = new Int32Array(this.#failureStates);
    this.#counters.reclaim(thread, (counted) => {
      release(this.#occupancies, SERVER_OCCUPANCY, take(counted, SERVER_COLUMN.open));
      reclaimQueue(this.#queue, queue, take(counted, SERVER_COLUMN.waiting));
      for (let slot = 0; slot < this.#used; slot++) {
        Atomics.compareExchange(failureStates, slot * FAILURE_WORDS + EJECTION, BEING_PROBED + thread, PROBING);
        release(this.#occupancies, occupancyOf(slot), take(counted, rowOf(slot) + BACKEND_COLUMN.open));
      }
    });
  }

  isEjected(slot: number): boolean {
    return Atomics.load(new Int32Array(this.#failureStates), slot * FAILURE_WORDS + EJECTION) !== IN_SERVICE;
  }

  /** One client may try the backend that was ejected. @returns false when it is not */
  startProbing(slot: number): boolean {
    const failureStates = new Int32Array(this.#failureStates);
    return Atomics.compareExchange(failureStates, slot * FAILURE_WORDS + EJECTION, EJECTED, PROBING) === EJECTED;
  }

  /** The backend gets clients again, as if it had never failed. */
  restore(slot: number): void {
    this.forgetFailures(slot);
    Atomics.store(new Int32Array(this.#failureStates), slot * FAILURE_WORDS + EJECTION, IN_SERVICE);
  }

  /** The time is over in which they counted. */
  forgetFailures(slot: number): void {
    Atomics.store(new Int32Array(this.#failureStates), slot * FAILURE_WORDS + FAILURE_COUNT, 0);
  }

  serverActive(): number {
    return inUseAt(this.#occupancies, SERVER_OCCUPANCY);
  }

  active(slot: number): number {
    return inUseAt(this.#occupancies, occupancyOf(slot));
  }

  serverTotals(): ServerTotals {
    const backends = sumOf(this.#departed, sumOfRows(this.#counters, this.#used));
    return readServerTotals(this.#counters, this.#open(SERVER_OCCUPANCY), backends);
  }

  backendTotals(slot: number): BackendTotals {
    return readBackendTotals(this.#counters, slot, this.#open(occupancyOf(slot)));
  }

  /** What a backend has moved since it was first listed, whatever was reset. */
  bytesEver(slot: number): Pick<ByBackends, 'rx' | 'tx'> {
    const row = rowOf(slot);
    return {
      rx: this.#counters.sumEver(row + BACKEND_COLUMN.rx),
      tx: this.#counters.sumEver(row + BACKEND_COLUMN.tx),
    };
  }

  /**
   * All totals begin at 0 again, and peaks at what is active now; gauges stay. Each count for itself is exact while
   * threads count on: what is added meanwhile counts before or after, and nothing twice.
   */
  reset(): void {
    for (let column = 0; column < SERVER_WIDTH; column++) {
      if (!SERVER_GAUGES.has(column)) this.#counters.reset(column);
    }
    resetPeak(this.#occupancies, SERVER_OCCUPANCY);
    for (let slot = 0; slot < this.#used; slot++) this.#resetRow(slot);
    this.#departed = NOTHING;
  }

  /** As `reset`, of one backend; what the server has by its backends stays what it is. */
  resetBackend(slot: number): void {
    this.#departed = sumOf(this.#departed, this.#resetRow(slot));
  }

  /** What `leastbandwidth` elects by. */
  setRates(slot: number, rxPerSecond: number, txPerSecond: number): void {
    const rates = new Float64Array(this.#rates);
    rates[slot * 2] = rxPerSecond;
    rates[slot * 2 + 1] = txPerSecond;
  }

  #grow(slots: number): void {
    this.#words.grow(wordsBytes(slots));
    growTo(this.#cursors, cursorsBytes(slots));
    this.#failureStates.grow(failureStatesBytes(slots));
    this.#rates.grow(ratesBytes(slots));
    this.#counters.grow(slots);
    this.#occupancies = fixedView(this.#words);
    this.#capacity = slots;
  }

  /** @returns what is not in the row any more */
  #resetRow(slot: number): ByBackends {
    const taken = Array.from({ length: ROW_WIDTH }, (_, column) => {
      return column === BACKEND_COLUMN.open ? 0 : this.#counters.reset(rowOf(slot) + column);
    });
    resetPeak(this.#occupancies, occupancyOf(slot));
    return byBackends((what) => taken[BACKEND_COLUMN[what]]!);
  }

  /** A thread that has just taken a place raises the peak right after it. */
  #open(occupancy: number): { readonly active: number; readonly peak: number } {
    const active = inUseAt(this.#occupancies, occupancy);
    return { active, peak: Math.max(active, peakAt(this.#occupancies, occupancy)) };
  }
}

function fixedView(words: SharedArrayBuffer): Int32Array {
  return new Int32Array(words, 0, words.byteLength / Int32Array.BYTES_PER_ELEMENT);
}

/** What a column has, of which nothing is left. */
function take(columns: Float64Array, column: number): number {
  const amount = columns[column]!;
  columns[column] = 0;
  return amount;
}
