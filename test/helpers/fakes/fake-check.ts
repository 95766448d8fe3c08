import { addressText, type ResolvedTarget } from '../../../src/core/address.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { Healthcheck } from '../../../src/core/healthcheck.ts';

interface Asked {
  readonly key: string;
  readonly at: number;
  /** Where it asks. */
  readonly ip: string;
  readonly signal: AbortSignal;
  readonly pass: () => void;
  readonly fail: (error: Error) => void;
}

/** Checks that the test answers, or that answer by themselves. */
export class FakeCheck {
  /** Every check that was begun, in order. */
  readonly begun: Asked[] = [];
  readonly #clock: Clock;
  readonly #open = new Map<string, Asked>();
  /** What becomes of those begun from now on: nothing yet, or an answer at once. */
  answer: 'later' | 'pass' | 'fail' = 'later';
  /** Checks of one backend that went on at the same time. */
  overlaps = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** As an abort leaves it: rejected at once. */
  readonly healthcheck: Healthcheck = {
    check: ({ target, addresses: [address] }: ResolvedTarget, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const key = addressText(target);
        if (this.#open.has(key)) this.overlaps += 1;
        const end = (finish: () => void) => () => {
          this.#open.delete(key);
          finish();
        };
        const asked = {
          key,
          at: this.#clock.now(),
          ip: address !== undefined && 'ip' in address ? address.ip : '',
          signal,
          pass: end(resolve),
          fail: (error: Error) => end(() => reject(error))(),
        };
        this.begun.push(asked);
        this.#open.set(key, asked);
        signal.addEventListener('abort', () => asked.fail(new Error('not done')));
        if (this.answer === 'pass') asked.pass();
        if (this.answer === 'fail') asked.fail(new Error('no'));
      }),
  };

  /** Backends whose check goes on. */
  get open(): readonly string[] {
    return [...this.#open.keys()];
  }

  pass(key: string): void {
    this.#take(key).pass();
  }

  fail(key: string, error: Error | string = 'no'): void {
    this.#take(key).fail(typeof error === 'string' ? new Error(error) : error);
  }

  /** When the checks of a backend were begun. */
  times(key: string): readonly number[] {
    return this.begun.filter((asked) => asked.key === key).map(({ at }) => at);
  }

  #take(key: string): Asked {
    const asked = this.#open.get(key);
    if (asked === undefined) throw new Error(`no check of ${key} goes on`);
    return asked;
  }
}
