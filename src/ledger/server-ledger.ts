import { CAUSE_CODES, type Cause } from '../core/cause.ts';
import {
  BACKEND_TALLIES,
  FIRST_ACTIVE,
  FIRST_CAUSE,
  FIRST_ROW,
  IN_USE,
  MARK_ASIDE,
  MARK_FAILURES,
  MARKS,
  MAX_SLOTS,
  BEING_TRIED,
  ON_TRIAL,
  ROW,
  SERVER_ACTIVE,
  SERVER_TALLIES,
  SET_ASIDE,
  marksBytes,
  ratesBytes,
  talliesBytes,
  wordsBytes,
  type BackendTally,
  type LedgerMemory,
  type ServerTally,
} from './layout.ts';
import { buryLine, queueMemory } from './queue-words.ts';

const FIRST_CAPACITY = 16;

export type ServerTotals = Readonly<Record<ServerTally, number>> & {
  readonly active: number;
  readonly causes: Readonly<Record<Cause, number>>;
};

export type BackendTotals = Readonly<Record<BackendTally, number>> & { readonly active: number };

/**
 * One server's ledger as its owner, the control plane, sees it: hands out slots, opens it for threads, sums what they
 * counted, and gives back what a thread held that died.
 */
export class ServerLedger {
  readonly #words = new SharedArrayBuffer(wordsBytes(FIRST_CAPACITY), { maxByteLength: wordsBytes(MAX_SLOTS) });
  readonly #marks = new SharedArrayBuffer(marksBytes(FIRST_CAPACITY), { maxByteLength: marksBytes(MAX_SLOTS) });
  readonly #rates = new SharedArrayBuffer(ratesBytes(FIRST_CAPACITY), { maxByteLength: ratesBytes(MAX_SLOTS) });
  readonly #queue = queueMemory();
  readonly #threads = new Map<number, SharedArrayBuffer>();
  /** Sums of threads that are gone, and what each slot had counted for its earlier backend, which is taken off. */
  #retired = new Float64Array(talliesBytes(FIRST_CAPACITY) / Float64Array.BYTES_PER_ELEMENT);
  #capacity = FIRST_CAPACITY;
  #used = 0;
  readonly #free: number[] = [];

  /** A row for a new backend, with all its totals and rates at 0. @throws RangeError when MAX_SLOTS backends are there */
  allocate(): number {
    const slot = this.#free.pop() ?? this.#used;
    if (slot >= MAX_SLOTS) throw new RangeError(`a server can have at most ${MAX_SLOTS} backends`);
    if (slot === this.#used) this.#used += 1;
    if (slot >= this.#capacity) this.#grow(Math.min(this.#capacity * 2, MAX_SLOTS));
    const before = this.backendTotals(slot);
    for (const [column, name] of BACKEND_TALLIES.entries())
      this.#retire(FIRST_ROW + slot * ROW + column, -before[name]);
    new Int32Array(this.#marks).fill(0, slot * MARKS, (slot + 1) * MARKS);
    this.setRates(slot, 0, 0);
    return slot;
  }

  /** Gives a row back. The caller makes sure that no thread can still elect it and that its `active` is 0. */
  release(slot: number): void {
    this.#free.push(slot);
  }

  /** Opens the ledger for a thread. The same number opens the same memory again. */
  open(thread: number): LedgerMemory {
    let tallies = this.#threads.get(thread);
    if (tallies === undefined) {
      tallies = new SharedArrayBuffer(talliesBytes(this.#capacity), { maxByteLength: talliesBytes(MAX_SLOTS) });
      this.#threads.set(thread, tallies);
    }
    return { words: this.#words, marks: this.#marks, rates: this.#rates, queue: this.#queue, tallies, thread };
  }

  /** A thread died: keeps what it had counted and gives back the places it held. @param line that its clients waited in */
  bury(thread: number, line: number): void {
    const tallies = this.#threads.get(thread);
    if (tallies === undefined) return;
    this.#threads.delete(thread);
    const counted = new Float64Array(tallies);
    const words = new Int32Array(this.#words);
    const serverOpen = SERVER_TALLIES.indexOf('open');
    const backendOpen = BACKEND_TALLIES.indexOf('open');
    Atomics.sub(words, SERVER_ACTIVE, counted[serverOpen] ?? 0);
    counted[serverOpen] = 0;
    const serverWaiting = SERVER_TALLIES.indexOf('waiting');
    buryLine(this.#queue, line, counted[serverWaiting] ?? 0);
    counted[serverWaiting] = 0;
    const marks = new Int32Array(this.#marks);
    for (let slot = 0; slot < this.#used; slot++) {
      Atomics.compareExchange(marks, slot * MARKS + MARK_ASIDE, BEING_TRIED + thread, ON_TRIAL);
      const column = FIRST_ROW + slot * ROW + backendOpen;
      Atomics.sub(words, FIRST_ACTIVE + slot, counted[column] ?? 0);
      counted[column] = 0;
    }
    for (const [column, amount] of counted.entries()) this.#retire(column, amount);
  }

  isAside(slot: number): boolean {
    return Atomics.load(new Int32Array(this.#marks), slot * MARKS + MARK_ASIDE) !== IN_USE;
  }

  /** One client may try the backend that was set aside. @returns false when it is not */
  putOnTrial(slot: number): boolean {
    const marks = new Int32Array(this.#marks);
    return Atomics.compareExchange(marks, slot * MARKS + MARK_ASIDE, SET_ASIDE, ON_TRIAL) === SET_ASIDE;
  }

  /** The backend gets clients again, as if it had never failed. */
  readmit(slot: number): void {
    this.forgetFailures(slot);
    Atomics.store(new Int32Array(this.#marks), slot * MARKS + MARK_ASIDE, IN_USE);
  }

  /** The time is over in which they counted. */
  forgetFailures(slot: number): void {
    Atomics.store(new Int32Array(this.#marks), slot * MARKS + MARK_FAILURES, 0);
  }

  serverActive(): number {
    return Atomics.load(new Int32Array(this.#words), SERVER_ACTIVE);
  }

  active(slot: number): number {
    return Atomics.load(new Int32Array(this.#words), FIRST_ACTIVE + slot);
  }

  serverTotals(): ServerTotals {
    const causes = CAUSE_CODES.map((cause, index) => [cause, this.#sum(FIRST_CAUSE + index)]);
    return {
      ...this.#named(SERVER_TALLIES, 0),
      active: this.serverActive(),
      causes: Object.fromEntries(causes) as Record<Cause, number>,
    };
  }

  backendTotals(slot: number): BackendTotals {
    return { ...this.#named(BACKEND_TALLIES, FIRST_ROW + slot * ROW), active: this.active(slot) };
  }

  /** What `leastbandwidth` elects by. */
  setRates(slot: number, rxPerSecond: number, txPerSecond: number): void {
    const rates = new Float64Array(this.#rates);
    rates[slot * 2] = rxPerSecond;
    rates[slot * 2 + 1] = txPerSecond;
  }

  #grow(slots: number): void {
    this.#words.grow(wordsBytes(slots));
    this.#marks.grow(marksBytes(slots));
    this.#rates.grow(ratesBytes(slots));
    for (const tallies of this.#threads.values()) tallies.grow(talliesBytes(slots));
    const retired = new Float64Array(talliesBytes(slots) / Float64Array.BYTES_PER_ELEMENT);
    retired.set(this.#retired);
    this.#retired = retired;
    this.#capacity = slots;
  }

  #retire(column: number, amount: number): void {
    (this.#retired[column] as number) += amount;
  }

  #sum(column: number): number {
    let sum = this.#retired[column] ?? 0;
    for (const tallies of this.#threads.values()) sum += new Float64Array(tallies)[column] ?? 0;
    return sum;
  }

  #named<Name extends string>(names: readonly Name[], first: number): Record<Name, number> {
    return Object.fromEntries(names.map((name, column) => [name, this.#sum(first + column)])) as Record<Name, number>;
  }
}
