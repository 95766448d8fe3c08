import pLimit from 'p-limit';

import { TslbError } from '../../core/errors.ts';

/** One change after the other, until the last. */
export class Turns {
  readonly #limit = pLimit(1);
  #isOver = false;
  #ended: Promise<void> | undefined;

  /** Whether what comes is refused. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Before any other. When it fails there is none. */
  async first(change: () => Promise<void>): Promise<void> {
    await this.#limit(async () => {
      try {
        await change();
      } catch (thrown) {
        this.#isOver = true;
        throw thrown;
      }
    });
  }

  /** @throws TslbError TSLB_STOPPING, and what the change throws */
  async take<Result>(change: () => Promise<Result>): Promise<Result> {
    this.#check();
    return this.#limit(async () => {
      this.#check();
      return change();
    });
  }

  /** After what goes on now; what comes later is refused at once. Safe to call twice. */
  async last(change: () => Promise<void>): Promise<void> {
    this.#isOver = true;
    this.#ended ??= this.#limit(change);
    await this.#ended;
  }

  #check(): void {
    if (this.#isOver) throw new TslbError('TSLB_STOPPING', 'tslb is stopping');
  }
}
