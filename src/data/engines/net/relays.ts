import type { Clock, Timer } from '../../../core/clock.ts';

const REPORT_EVERY_MS = 1000;

/** A connection whose bytes are counted while it lasts. */
export interface Counted {
  /** Reports what moved since the last time. */
  report(): void;
}

/** Has every live relay report its bytes once a second; no timer runs while there is none. */
export class Relays {
  readonly #clock: Clock;
  readonly #live = new Set<Counted>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(relay: Counted): void {
    this.#live.add(relay);
    this.#timer ??= this.#clock.every(REPORT_EVERY_MS, () => this.#reportAll());
  }

  remove(relay: Counted): void {
    this.#live.delete(relay);
    if (this.#live.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #reportAll(): void {
    for (const relay of this.#live) relay.report();
  }
}
