import type { Clock, Timer } from '../../../src/core/clock.ts';

interface Due {
  at: number;
  /** Between timers of the same time the one set first runs first. */
  readonly order: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

/** The date of the clock's 0. */
const EPOCH = Date.UTC(2026, 0, 31);

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number;
  #made = 0;
  readonly #timers = new Set<Due>();

  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return EPOCH + this.#now;
  }

  after(ms: number, run: () => void): Timer {
    return this.#add(ms, undefined, run);
  }

  every(ms: number, run: () => void): Timer {
    if (ms <= 0) throw new RangeError(`every ${ms} ms would never let the time pass`);
    return this.#add(ms, ms, run);
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer is due; undefined when none is set. */
  get nextInMs(): number | undefined {
    const next = this.#next(Infinity);
    return next === undefined ? undefined : next.at - this.#now;
  }

  /** Moves the time on and runs what falls due, in order, each at its own time; also what is set meanwhile. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let due = this.#next(until); due !== undefined; due = this.#next(until)) {
      this.#now = Math.max(this.#now, due.at);
      if (due.everyMs === undefined) this.#timers.delete(due);
      else due.at += due.everyMs;
      due.run();
    }
    this.#now = until;
  }

  /** As long as the thread is stopped: time goes on, and nothing runs. */
  stall(ms: number): void {
    this.#now += ms;
  }

  #add(ms: number, everyMs: number | undefined, run: () => void): Timer {
    const due: Due = { at: this.#now + Math.max(0, ms), order: this.#made++, everyMs, run };
    this.#timers.add(due);
    return { cancel: () => void this.#timers.delete(due) };
  }

  #next(until: number): Due | undefined {
    let next: Due | undefined;
    for (const due of this.#timers) {
      if (due.at > until) continue;
      if (next === undefined || due.at < next.at || (due.at === next.at && due.order < next.order)) next = due;
    }
    return next;
  }
}

/** Lets all promises that are settled run their course; time does not pass. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
