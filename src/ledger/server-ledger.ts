import { CAUSE_CODES, type Cause } from '../core/cause.ts';
import {
  BACKEND_TALLIES,
  FIRST_ACTIVE,
  FIRST_CAUSE,
  FIRST_ROW,
  MAX_SLOTS,
  ROW,
  SERVER_ACTIVE,
  SERVER_TALLIES,
  failingBytes,
  ratesBytes,
  talliesBytes,
  wordsBytes,
  type BackendTally,
  type LedgerMemory,
  type ServerTally,
} from './layout.ts';

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
  readonly #failing = new SharedArrayBuffer(failingBytes(FIRST_CAPACITY), { maxByteLength: failingBytes(MAX_SLOTS) });
  readonly #rates = new SharedArrayBuffer(ratesBytes(FIRST_CAPACITY), { maxByteLength: ratesBytes(MAX_SLOTS) });
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
    Atomics.store(new Int32Array(this.#failing), slot, 0);
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
    return { words: this.#words, failing: this.#failing, rates: this.#rates, tallies };
  }

  /** A thread died: keeps what it had counted and gives back the places it held. */
  bury(thread: number): void {
    const tallies = this.#threads.get(thread);
    if (tallies === undefined) return;
    this.#threads.delete(thread);
    const counted = new Float64Array(tallies);
    const words = new Int32Array(this.#words);
    const serverOpen = SERVER_TALLIES.indexOf('open');
    const backendOpen = BACKEND_TALLIES.indexOf('open');
    Atomics.sub(words, SERVER_ACTIVE, counted[serverOpen] ?? 0);
    counted[serverOpen] = 0;
    for (let slot = 0; slot < this.#used; slot++) {
      const column = FIRST_ROW + slot * ROW + backendOpen;
      Atomics.sub(words, FIRST_ACTIVE + slot, counted[column] ?? 0);
      counted[column] = 0;
    }
    for (const [column, amount] of counted.entries()) this.#retire(column, amount);
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
    this.#failing.grow(failingBytes(slots));
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
