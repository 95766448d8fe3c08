/** How fine the engine's timers are. */
export const TICK_MS = 16;
export const SLOTS = 256;

/** Something due at a time. Kept in the wheel by reference, so that it costs nothing besides itself. */
export class Due {
  /** Milliseconds of the engine's clock. */
  at = Infinity;
  readonly run: () => void;
  /** Its slot in the wheel, or -1 while it is in none. */
  slot = -1;

  constructor(run: () => void) {
    this.run = run;
  }

  get isSet(): boolean {
    return this.slot >= 0;
  }
}

/**
 * A hashed timing wheel (Varghese and Lauck, 1987), as coarse as its tick: setting and clearing cost the same however
 * many timers there are. One further away than a turn of the wheel is looked at once in each turn.
 */
export class Wheel {
  readonly #slots: readonly Set<Due>[] = Array.from({ length: SLOTS }, () => new Set());
  #count = 0;
  /** The last one whose slot was run. */
  #tick: number;
  /** No slot between `#tick` and this one holds anything. */
  #next: number;

  constructor(now: number) {
    this.#tick = tickOf(now);
    this.#next = this.#tick + 1;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Runs it once, at the first tick that is not before `at`; never within this call. */
  set(due: Due, at: number): void {
    this.clear(due);
    const tick = Math.max(Math.ceil(at / TICK_MS), this.#tick + 1);
    due.at = at;
    due.slot = tick % SLOTS;
    this.#at(tick).add(due);
    this.#count += 1;
    // One further away than a turn of the wheel shares the slot of an earlier tick.
    const first = this.#tick + 1 + ((tick - this.#tick - 1) % SLOTS);
    if (first < this.#next) this.#next = first;
  }

  clear(due: Due): void {
    if (due.slot < 0) return;
    this.#at(due.slot).delete(due);
    due.slot = -1;
    this.#count -= 1;
  }

  /** How long the poller may wait: up to the next slot that holds something; -1 when none does. */
  waitMs(now: number): number {
    if (this.#count === 0) return -1;
    while (this.#at(this.#next).size === 0) this.#next += 1;
    return Math.max(0, Math.ceil(this.#next * TICK_MS - now));
  }

  /** Runs what is due. What that sets is due in a later tick. */
  advance(now: number): void {
    const last = tickOf(now);
    if (last <= this.#tick) return;
    // After a long sleep each slot is walked through once.
    this.#tick = Math.max(this.#tick, this.#count === 0 ? last : last - SLOTS);
    while (this.#tick < last) {
      this.#tick += 1;
      this.#next = Math.max(this.#next, this.#tick + 1);
      for (const due of this.#at(this.#tick)) {
        if (due.at > now) continue;
        this.clear(due);
        due.run();
      }
    }
    this.#next = Math.max(this.#next, this.#tick + 1);
  }

  #at(tick: number): Set<Due> {
    return this.#slots[tick % SLOTS] as Set<Due>;
  }
}

function tickOf(ms: number): number {
  return Math.floor(ms / TICK_MS);
}
