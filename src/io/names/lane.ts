import type { Clock } from '../../core/clock.ts';

/** Questions that begin together; more would overflow a buffer on the way. */
const AT_ONCE = 64;
/** A question that has no answer by then keeps no other one waiting. */
const GIVES_WAY_AFTER_MS = 10;
/** Questions without an answer in all: beyond this their numbers and descriptors would run short. */
const MOST_OPEN = 10_000;

type Start = () => void;

/**
 * Bounds what one name server is asked at once. What answers slowly or never gives its place to the next one after a
 * moment, and what was silent before is asked after all others: so 1,000 silent names cost a new one less than a second.
 */
export class Lane {
  readonly #clock: Clock;
  #places = AT_ONCE;
  #open = 0;
  readonly #waiting: Start[] = [];
  readonly #waitingSilent: Start[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param wasSilent when it was asked for the last time */
  async run<Value>(work: () => Promise<Value>, wasSilent: boolean): Promise<Value> {
    await new Promise<void>((start) => {
      (wasSilent ? this.#waitingSilent : this.#waiting).push(start);
      this.#next();
    });
    let holdsPlace = true;
    const giveWay = (): void => {
      if (holdsPlace) this.#places += 1;
      holdsPlace = false;
      this.#next();
    };
    const timer = this.#clock.after(GIVES_WAY_AFTER_MS, giveWay);
    try {
      return await work();
    } finally {
      timer.cancel();
      this.#open -= 1;
      giveWay();
    }
  }

  get #hasRoom(): boolean {
    return this.#places > 0 && this.#open < MOST_OPEN;
  }

  /** Starts all that have room: a start that is missed would be made up for by nobody. */
  #next(): void {
    while (this.#hasRoom) {
      const start = this.#waiting.shift() ?? this.#waitingSilent.shift();
      if (start === undefined) return;
      this.#places -= 1;
      this.#open += 1;
      start();
    }
  }
}
