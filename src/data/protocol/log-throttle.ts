import type { LogFields } from './messages.ts';

/** For what may happen to every client: says it once in a while for each server and reason. */
export class LogThrottle {
  readonly #now: () => number;
  readonly #everyMs: number;
  readonly #lastSaid = new Map<string, number>();

  /** @param now milliseconds of a monotonic clock */
  constructor(now: () => number, everyMs: number) {
    this.#now = now;
    this.#everyMs = everyMs;
  }

  /** @returns whether it is to be said now */
  isDue(message: string, fields: LogFields): boolean {
    const key = `${message}\0${String(fields['server'])}\0${String(fields['reason'])}`;
    const now = this.#now();
    if (now - (this.#lastSaid.get(key) ?? -Infinity) < this.#everyMs) return false;
    this.#lastSaid.set(key, now);
    return true;
  }
}
