import type { LogFields } from './messages.ts';

const RARELY_MS = 10_000;

/** For what may happen to every client: says it once in ten seconds for each server and reason. */
export class Rarely {
  readonly #now: () => number;
  readonly #lastSaid = new Map<string, number>();

  /** @param now milliseconds of a monotonic clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns whether it is to be said now */
  isDue(message: string, fields: LogFields): boolean {
    const key = `${message}\0${String(fields['server'])}\0${String(fields['reason'])}`;
    const now = this.#now();
    if (now - (this.#lastSaid.get(key) ?? -Infinity) < RARELY_MS) return false;
    this.#lastSaid.set(key, now);
    return true;
  }
}
