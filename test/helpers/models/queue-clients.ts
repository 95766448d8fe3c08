import type { Limits } from '../../../src/core/limits.ts';

/** Whether a client sticks to its backend: whoever waits may ask for it at any time, and each time counts anew. */
export type Sticks = 'surely' | 'perhaps' | 'no';

/** What the oracle knows of one address. Times are of the engines' clock. */
export class ModelClient {
  connections = 0;
  /** The backend it sticks to. */
  serial = 0;
  readonly #stickyMs: { readonly least: number; readonly most: number };
  #waiting = 0;
  #tokens = Infinity;
  #tokensAt = 0;
  /** It sticks for at least so long, and at most. */
  #surelyUntil = 0;
  #perhapsUntil = 0;
  #lookedAt = 0;

  /** @param limits all that may be in force */
  constructor(limits: readonly Limits[]) {
    const times = limits.map(({ stickyMs }) => stickyMs).filter((ms) => ms > 0);
    this.#stickyMs = { least: Math.min(...times), most: Math.max(...times) };
  }

  get waiting(): number {
    return this.#waiting;
  }

  wait(now: number): void {
    this.#look(now);
    this.#waiting += 1;
  }

  stopWaiting(now: number): void {
    this.#look(now);
    this.#waiting -= 1;
  }

  /** @returns false when it comes too fast */
  spend({ count, withinMs }: Limits['perClient']['rate'], now: number): boolean {
    if (count === 0) return true;
    const tokens = Math.min(count, this.#tokens + ((now - this.#tokensAt) * count) / withinMs);
    if (tokens < 1) return false;
    this.#tokens = tokens - 1;
    this.#tokensAt = now;
    return true;
  }

  /** Which counts anew. */
  ask(stickyMs: number, now: number): Sticks {
    this.#look(now);
    if (this.#perhapsUntil <= now) return 'no';
    this.#perhapsUntil = now + stickyMs;
    if (this.#surelyUntil <= now) return 'perhaps';
    this.#surelyUntil = now + stickyMs;
    return 'surely';
  }

  stick(serial: number, stickyMs: number, now: number): void {
    this.serial = serial;
    this.#surelyUntil = now + stickyMs;
    this.#perhapsUntil = now + stickyMs;
  }

  /** Since the last look a connection that waited may have asked. */
  #look(now: number): void {
    if (this.#waiting > 0 && this.#perhapsUntil > this.#lookedAt) {
      this.#surelyUntil = Math.min(this.#surelyUntil, this.#lookedAt + this.#stickyMs.least);
      this.#perhapsUntil = Math.max(this.#perhapsUntil, now + this.#stickyMs.most);
    }
    this.#lookedAt = now;
  }
}
