import type { Rates } from '../../core/stats.ts';

/** Counters at one moment. */
export interface Counts {
  readonly sessions: number;
  readonly rx: number;
  readonly tx: number;
}

export const NO_RATES: Rates = { sessions: 0, peakSessions: 0, rx: 0, tx: 0 };

/** What a second has added to the counters of one server or backend. */
export class RateMeter {
  #before: Counts = { sessions: 0, rx: 0, tx: 0 };
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
    const wasReset = now.sessions < before.sessions || now.rx < before.rx || now.tx < before.tx;
    const from = wasReset ? { sessions: 0, rx: 0, tx: 0 } : before;
    const sessions = (now.sessions - from.sessions) / seconds;
    this.#rates = {
      sessions,
      peakSessions: Math.max(sessions, wasReset ? 0 : this.#rates.peakSessions),
      rx: (now.rx - from.rx) / seconds,
      tx: (now.tx - from.tx) / seconds,
    };
    this.#before = now;
    return this.#rates;
  }
}
