import type { Cursor } from '../../core/balancer.ts';

/**
 * Turns of the strategies that go by turns, for one thread. The first election of a connection takes the next turn of all
 * threads. A further one takes turns of this thread's own: else each retry would pass over a turn of the backends that
 * did not fail, and those that failed would come first for more clients than their share.
 */
export class Turns {
  /** Whether the next election is the first one of its connection. */
  isFirst = true;
  /** By tier, kept over snapshots: a walk that begins anew with each would favour the members at its beginning. */
  readonly #further: number[] = [];

  /** @param shared the turns of all threads, in this tier */
  cursor(shared: Cursor, tier: number): Cursor {
    return { next: () => (this.isFirst ? shared.next() : this.#nextFurther(tier)) };
  }

  #nextFurther(tier: number): number {
    const turn = this.#further[tier] ?? 0;
    this.#further[tier] = (turn + 1) >>> 0;
    return turn;
  }
}
