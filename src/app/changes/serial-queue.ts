import pLimit from 'p-limit';

import { TslbError } from '../../core/errors.ts';

/** Runs changes one after the other, from a first one to a last one. */
export class SerialQueue {
  readonly #limit = pLimit(1);
  #isClosed = false;
  #ended: Promise<void> | undefined;

  /** Whether further changes are refused. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Before any other. When it fails, all others are refused. */
  async first(change: () => Promise<void>): Promise<void> {
    await this.#limit(async () => {
      try {
        await change();
      } catch (thrown) {
        this.#isClosed = true;
        throw thrown;
      }
    });
  }

  /** @throws TslbError TSLB_STOPPING, and what the change throws */
  async run<Result>(change: () => Promise<Result>): Promise<Result> {
    this.#check();
    return this.#limit(async () => {
      this.#check();
      return change();
    });
  }

  /** After those that run or wait now; later ones are refused at once. Safe to call twice. */
  async last(change: () => Promise<void>): Promise<void> {
    this.#isClosed = true;
    this.#ended ??= this.#limit(change);
    await this.#ended;
  }

  #check(): void {
    if (this.#isClosed) throw new TslbError('TSLB_STOPPING', 'tslb is stopping');
  }
}
