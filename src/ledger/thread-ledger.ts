import type { Cursor } from '../core/balancer.ts';
import type { Cause } from '../core/cause.ts';
import type { HistogramName } from '../core/totals.ts';
import { measure } from './histogram-columns.ts';
import {
  BACKEND_COLUMN,
  BEING_PROBED,
  CAUSE_COLUMN,
  FIRST_HISTOGRAM,
  IN_SERVICE,
  EJECTION,
  LAST_DIAL_FAILED,
  FAILURE_COUNT,
  FAILURE_WORDS,
  MAX_CURSORS,
  PROBING,
  SERVER_COLUMN,
  SERVER_OCCUPANCY,
  EJECTED,
  cursorsBytes,
  growTo,
  occupancyOf,
  rowOf,
  type BackendCounter,
  type LedgerMemory,
  type ServerCounter,
} from './layout.ts';
import { release, reserve } from './occupancy.ts';

/**
 * One server's ledger as a data-plane thread sees it: reserves and releases in memory shared with the other
 * threads, and counts in memory of its own.
 */
export class ThreadLedger {
  readonly #memory: LedgerMemory;
  #words: Int32Array;
  #cursors: Int32Array;
  #failureStates: Int32Array;
  #rates: Float64Array;
  #counters: Float64Array;

  constructor(memory: LedgerMemory) {
    this.#memory = memory;
    this.#words = new Int32Array(0);
    this.#cursors = new Int32Array(0);
    this.#failureStates = new Int32Array(0);
    this.#rates = new Float64Array(0);
    this.#counters = new Float64Array(0);
    this.refresh();
  }

  /** The clients that wait for the backends. @see QueueWords */
  get queue(): SharedArrayBuffer {
    return this.#memory.queue;
  }

  /** Sees what the memory has grown to. To be called before slots of a new snapshot are used. */
  refresh(): void {
    const { words, cursors, failureStates, rates, counters } = this.#memory;
    // Views of fixed length: those that track a growing buffer are slower to read.
    this.#words = new Int32Array(words, 0, words.byteLength / Int32Array.BYTES_PER_ELEMENT);
    this.#cursors = new Int32Array(cursors, 0, cursors.byteLength / Int32Array.BYTES_PER_ELEMENT);
    this.#failureStates = new Int32Array(failureStates, 0, failureStates.byteLength / Int32Array.BYTES_PER_ELEMENT);
    this.#rates = new Float64Array(rates, 0, rates.byteLength / Float64Array.BYTES_PER_ELEMENT);
    this.#counters = new Float64Array(counters, 0, counters.byteLength / Float64Array.BYTES_PER_ELEMENT);
  }

  /** Reserves a place at the server. @param limit 0 is none @returns false at the limit */
  enterServer(limit: number): boolean {
    if (!reserve(this.#words, SERVER_OCCUPANCY, limit)) return false;
    this.countServer('open', 1);
    return true;
  }

  leaveServer(): void {
    release(this.#words, SERVER_OCCUPANCY, 1);
    this.countServer('open', -1);
  }

  /** Reserves a place at a backend. @param limit 0 is none @returns false at the limit */
  enterBackend(slot: number, limit: number): boolean {
    if (!reserve(this.#words, occupancyOf(slot), limit)) return false;
    this.countBackend(slot, 'open', 1);
    return true;
  }

  leaveBackend(slot: number): void {
    release(this.#words, occupancyOf(slot), 1);
    this.countBackend(slot, 'open', -1);
  }

  /** A dial failed. @returns whether the last one had not, on any thread */
  fails(slot: number): boolean {
    return Atomics.exchange(this.#failureStates, slot * FAILURE_WORDS + LAST_DIAL_FAILED, 1) === 0;
  }

  /** A dial succeeded. @returns whether the last one had not, on any thread */
  recovers(slot: number): boolean {
    const word = slot * FAILURE_WORDS + LAST_DIAL_FAILED;
    return this.#failureStates[word] !== 0 && Atomics.exchange(this.#failureStates, word, 0) === 1;
  }

  /** Whether it gets clients as others do. */
  isInService(slot: number): boolean {
    return this.#failureStates[slot * FAILURE_WORDS + EJECTION] === IN_SERVICE;
  }

  /** Whether one client may be its probe. */
  isProbing(slot: number): boolean {
    return this.#failureStates[slot * FAILURE_WORDS + EJECTION] === PROBING;
  }

  /** This client becomes the probe of a backend. @returns false when that is not probed, or another client is its probe */
  takeProbe(slot: number): boolean {
    return this.#changeEjection(slot, PROBING, BEING_PROBED + this.#memory.thread);
  }

  /** The client that was the probe has left before there was a result. */
  returnProbe(slot: number): void {
    this.#changeEjection(slot, BEING_PROBED + this.#memory.thread, PROBING);
  }

  /**
   * The client that was the probe was served. One more failure ejects it again.
   * @param most failures that eject it
   * @returns false when it was restored meanwhile, and that was no probe any more
   */
  passesProbe(slot: number, most: number): boolean {
    const isProbe =
      Atomics.load(this.#failureStates, slot * FAILURE_WORDS + EJECTION) === BEING_PROBED + this.#memory.thread;
    if (isProbe) Atomics.store(this.#failureStates, slot * FAILURE_WORDS + FAILURE_COUNT, most - 1);
    return isProbe && this.#changeEjection(slot, BEING_PROBED + this.#memory.thread, IN_SERVICE);
  }

  /** @returns false when it was restored meanwhile, and that was no probe any more */
  failsProbe(slot: number): boolean {
    return this.#changeEjection(slot, BEING_PROBED + this.#memory.thread, EJECTED);
  }

  /**
   * Counts a failure of a backend.
   * @param most failures that eject it
   * @returns whether it is the first failure that counts, or the last, by which it is ejected
   */
  countFailure(slot: number, most: number): 'first' | 'last' | undefined {
    const failures = Atomics.add(this.#failureStates, slot * FAILURE_WORDS + FAILURE_COUNT, 1) + 1;
    if (failures >= most) return this.#changeEjection(slot, IN_SERVICE, EJECTED) ? 'last' : undefined;
    return failures === 1 ? 'first' : undefined;
  }

  #changeEjection(slot: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#failureStates, slot * FAILURE_WORDS + EJECTION, from, to) === from;
  }

  // Plain reads: what they tell may be old the next moment anyway, and elections that scan make thousands of them.

  serverActive(): number {
    return this.#words[SERVER_OCCUPANCY] as number;
  }

  active(slot: number): number {
    return this.#words[occupancyOf(slot)] as number;
  }

  /** Bytes a second in both directions, as the control plane last sampled them. */
  bandwidth(slot: number): number {
    return (this.#rates[slot * 2] ?? 0) + (this.#rates[slot * 2 + 1] ?? 0);
  }

  countServer(what: ServerCounter, amount: number): void {
    (this.#counters[SERVER_COLUMN[what]] as number) += amount;
  }

  countCause(cause: Cause): void {
    (this.#counters[CAUSE_COLUMN[cause]] as number) += 1;
  }

  /** One value of a histogram. @param value of times tenths of milliseconds, whole */
  measure(what: HistogramName, value: number): void {
    measure(this.#counters, FIRST_HISTOGRAM, what, value);
  }

  countBackend(slot: number, what: BackendCounter, amount: number): void {
    (this.#counters[rowOf(slot) + BACKEND_COLUMN[what]] as number) += amount;
  }

  /**
   * A count that all threads of the server share. To prepare a snapshot, cursors are taken in order, from 0 on, one for each
   * list of its backends. Beyond MAX_CURSORS several lists share one.
   */
  cursor(number: number): Cursor {
    const own = number % MAX_CURSORS;
    if (own >= this.#cursors.length) {
      growTo(this.#memory.cursors, cursorsBytes(Math.min(MAX_CURSORS, 2 * (own + 1))));
      this.refresh();
    }
    return { next: () => Atomics.add(this.#cursors, own, 1) >>> 0 };
  }
}
