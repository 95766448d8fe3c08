import { readdirSync, statSync } from 'node:fs';

import type { Clock } from '../../core/clock.ts';

/** Where they have to be counted: that takes a while with many. */
const COUNT_EVERY_MS = 15_000;

/**
 * How many descriptors this process has open. Linux tells it as the size of the folder since 6.2; before, its entries are
 * counted, and the figure is up to 15 seconds old.
 */
export class OpenFiles {
  readonly #clock: Clock;
  readonly #folder: string;
  #counted: { readonly number: number; readonly at: number } | undefined;

  constructor(clock: Clock, folder = '/proc/self/fd') {
    this.#clock = clock;
    this.#folder = folder;
  }

  /** @returns undefined where the system does not say */
  look(): number | undefined {
    try {
      return statSync(this.#folder).size || this.#count();
    } catch {
      return undefined; // not Linux, or none is left to look with
    }
  }

  #count(): number {
    const now = this.#clock.now();
    if (this.#counted === undefined || now - this.#counted.at >= COUNT_EVERY_MS) {
      this.#counted = { number: readdirSync(this.#folder).length, at: now };
    }
    return this.#counted.number;
  }
}
