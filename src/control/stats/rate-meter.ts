import type { Rates } from '../../core/stats.ts';

/** Counters at one moment. */
export interface Counts {
  readonly connections: number;
  readonly rx: number;
  readonly tx: number;
}

export const NO_RATES: Rates = { connections: 0, peakConnections: 0, rx: 0, tx: 0 };

/** What a second has added to the counters of one server or backend. */
export class RateMeter {
  #before: Counts = { connections: 0, rx: 0, tx: 0 };
  #rates = NO_RATES;

  get rates(): Rates {
    return this.#rates;
  }

  /** @param now what was counted before the first second */
  begin(now: Counts): void {
    this.#before = now;
  }

  /** @param seconds since the last time, or since it was made */
  measure(now: Counts, seconds: number): Rates {
    const before = this.#before;
    const wasReset = now.connections < before.connections || now.rx < before.rx || now.tx < before.tx;
    const from = wasReset ? { connections: 0, rx: 0, tx: 0 } : before;
    const connections = (now.connections - from.connections) / seconds;
    this.#rates = {
      connections,
      peakConnections: Math.max(connections, wasReset ? 0 : this.#rates.peakConnections),
      rx: (now.rx - from.rx) / seconds,
      tx: (now.tx - from.tx) / seconds,
    };
    this.#before = now;
    return this.#rates;
  }
}
