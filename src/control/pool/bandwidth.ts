import type { Clock, Timer } from '../../core/clock.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';

/** gobetween's window; the data plane reports the bytes of open connections once a second. */
const WINDOW_MS = 2_000;

/** Turns a server's byte counts into rates for `leastbandwidth`, which elects by them. */
export class Bandwidth {
  readonly #ledger: ServerLedger;
  readonly #slots: () => readonly number[];
  readonly #clock: Clock;
  #last = new Map<number, { readonly rx: number; readonly tx: number }>();
  #lastAt = 0;
  #timer: Timer | undefined;

  constructor(ledger: ServerLedger, slots: () => readonly number[], clock: Clock) {
    this.#ledger = ledger;
    this.#slots = slots;
    this.#clock = clock;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#sample();
    this.#timer = this.#clock.every(WINDOW_MS, () => this.#sample());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#last = new Map();
  }

  #sample(): void {
    const now = this.#clock.now();
    const seconds = (now - this.#lastAt) / 1000;
    const totals = new Map(this.#slots().map((slot) => [slot, this.#ledger.bytesEver(slot)]));
    for (const [slot, { rx, tx }] of totals) {
      const before = this.#last.get(slot);
      // A slot that is seen first, or was given to another backend, has no rate yet.
      const isNew = before === undefined || rx < before.rx || tx < before.tx;
      if (isNew) this.#ledger.setRates(slot, 0, 0);
      else this.#ledger.setRates(slot, (rx - before.rx) / seconds, (tx - before.tx) / seconds);
    }
    this.#last = totals;
    this.#lastAt = now;
  }
}
