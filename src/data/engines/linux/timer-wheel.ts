/** How fine the engine's timers are. */
export const TICK_MS = 16;
export const SLOTS = 256;

/** Runs something at a time. It is a part of its slot's ring, so that the wheel costs nothing besides it. */
export class Timer {
  /** Milliseconds of the engine's clock. */
  at = Infinity;
  readonly run: () => void;
  /** Its neighbours in the ring; itself while it is alone. */
  next: Timer = this;
  previous: Timer = this;

  constructor(run: () => void) {
    this.run = run;
  }

  get isSet(): boolean {
    return this.next !== this;
  }
}

function join(ring: Timer, timer: Timer): void {
  timer.previous = ring.previous;
  timer.next = ring;
  timer.previous.next = timer;
  ring.previous = timer;
}

function leave(timer: Timer): void {
  timer.previous.next = timer.next;
  timer.next.previous = timer.previous;
  timer.next = timer.previous = timer;
}

/** Each slot's ring starts here. */
function emptyRing(): Timer {
  return new Timer(() => undefined);
}

/**
 * A hashed timing wheel (Varghese and Lauck, 1987), as coarse as its tick: setting and clearing cost the same however
 * many timers there are. One further away than a round of the wheel is looked at once in each round.
 */
export class TimerWheel {
  readonly #slots: readonly Timer[] = Array.from({ length: SLOTS }, emptyRing);
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
  set(timer: Timer, at: number): void {
    this.clear(timer);
    const tick = Math.max(Math.ceil(at / TICK_MS), this.#tick + 1);
    timer.at = at;
    join(this.#at(tick), timer);
    this.#count += 1;
    // One further away than a round of the wheel shares the slot of an earlier tick.
    const first = this.#tick + 1 + ((tick - this.#tick - 1) % SLOTS);
    if (first < this.#next) this.#next = first;
  }

  clear(timer: Timer): void {
    if (!timer.isSet) return;
    leave(timer);
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
  #run(slot: Timer, now: number): void {
    if (!slot.isSet) return;
    const running = this.#running;
    join(slot, running);
    leave(slot);
    for (let timer = running.next; timer !== running; timer = running.next) {
      if (timer.at > now) {
        leave(timer);
        join(slot, timer);
      } else {
        this.clear(timer);
        timer.run();
      }
    }
  }

  #at(tick: number): Timer {
    return this.#slots[tick % SLOTS] as Timer;
  }
}

function tickOf(ms: number): number {
  return Math.floor(ms / TICK_MS);
}
