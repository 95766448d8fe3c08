/** How fine the engine's timers are. */
export const TICK_MS = 16;
export const SLOTS = 256;

/** Something due at a time. It is a link of its slot's ring, so that the wheel costs nothing besides it. */
export class Due {
  /** Milliseconds of the engine's clock. */
  at = Infinity;
  readonly run: () => void;
  /** Its neighbours in the ring; itself while it is alone. */
  next: Due = this;
  previous: Due = this;

  constructor(run: () => void) {
    this.run = run;
  }

  get isSet(): boolean {
    return this.next !== this;
  }
}

function join(ring: Due, due: Due): void {
  due.previous = ring.previous;
  due.next = ring;
  due.previous.next = due;
  ring.previous = due;
}

function leave(due: Due): void {
  due.previous.next = due.next;
  due.next.previous = due.previous;
  due.next = due.previous = due;
}

/** Each slot's ring starts here. */
function emptyRing(): Due {
  return new Due(() => undefined);
}

/**
 * A hashed timing wheel (Varghese and Lauck, 1987), as coarse as its tick: setting and clearing cost the same however
 * many timers there are. One further away than a turn of the wheel is looked at once in each turn.
 */
export class Wheel {
  readonly #slots: readonly Due[] = Array.from({ length: SLOTS }, emptyRing);
  /** Of the slot that is being run. */
  readonly #running = emptyRing();
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
    join(this.#at(tick), due);
    this.#count += 1;
    // One further away than a turn of the wheel shares the slot of an earlier tick.
    const first = this.#tick + 1 + ((tick - this.#tick - 1) % SLOTS);
    if (first < this.#next) this.#next = first;
  }

  clear(due: Due): void {
    if (!due.isSet) return;
    leave(due);
    this.#count -= 1;
  }

  /** How long the poller may wait: up to the next slot that holds something; -1 when none does. */
  waitMs(now: number): number {
    if (this.#count === 0) return -1;
    while (!this.#at(this.#next).isSet) this.#next += 1;
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
      this.#run(this.#at(this.#tick), now);
    }
    this.#next = Math.max(this.#next, this.#tick + 1);
  }

  /** What runs may set and clear any, those of this slot among them. */
  #run(slot: Due, now: number): void {
    if (!slot.isSet) return;
    const running = this.#running;
    join(slot, running);
    leave(slot);
    for (let due = running.next; due !== running; due = running.next) {
      if (due.at > now) {
        leave(due);
        join(slot, due);
      } else {
        this.clear(due);
        due.run();
      }
    }
  }

  #at(tick: number): Due {
    return this.#slots[tick % SLOTS] as Due;
  }
}

function tickOf(ms: number): number {
  return Math.floor(ms / TICK_MS);
}
