import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FakePair } from '../../../test/helpers/fakes/fake-engine.ts';
import { fronting, ledgerFor } from '../../../test/helpers/rigs/frontend.ts';

/** How often each backend was dialled as the first, and as the second, of a client's; by its slot. */
interface Dials {
  readonly first: number[];
  readonly second: number[];
}

interface Play {
  readonly balance: 'weight' | 'roundrobin';
  readonly weights: readonly number[];
  /** Slots of those that do not answer. */
  readonly silent: readonly number[];
  /** For each client, the thread that accepts it. */
  readonly threads: readonly number[];
}

function dialsOf({ balance, weights, silent, threads }: Play): Dials {
  const ledger = ledgerFor(weights.length);
  const backends = weights.map((weight) => ({ weight }));
  const fronts = [0, 1].map((thread) => fronting({ ledger, thread, balance, backends }));
  const first = weights.map(() => 0);
  const second = weights.map(() => 0);
  for (const thread of threads) {
    const pair = new FakePair();
    fronts[thread]!.accept(pair);
    while (pair.state === 'dialling') {
      if (silent.includes(slotOf(pair.dials.at(-1)!))) pair.fails('timeout', 'ETIMEDOUT');
      else pair.connects();
    }
    pair.ends(pair.state === 'relaying' ? 'finished' : 'cut');
    first[slotOf(pair.dials[0]!)]! += 1;
    if (pair.dials.length > 1) second[slotOf(pair.dials[1]!)]! += 1;
  }
  return { first, second };
}

/** `10.0.0.1:8003` is the backend of slot 3. */
function slotOf(address: string): number {
  return Number(address.split(':')[1]) - 8_000;
}

for (const balance of ['weight', 'roundrobin'] as const) {
  test(`${balance}: of two backends a silent one is tried first by half of the clients`, () => {
    const { first } = dialsOf({ balance, weights: [1, 1], silent: [0], threads: Array<number>(24).fill(0) });
    assert.deepEqual(first, [12, 12]);
  });

  test(`${balance}: whatever fails, each backend is tried first by its share of the clients of all threads`, () => {
    const play = fc.record({
      weights: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 5 }),
      silent: fc.subarray([0, 1, 2, 3, 4]),
      threads: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 100, maxLength: 100 }),
    });
    fc.assert(
      fc.property(play, ({ weights, silent, threads }) => {
        const share = balance === 'weight' ? weights : weights.map(() => 1);
        const cycle = share.reduce((sum, weight) => sum + weight, 0);
        const { first } = dialsOf({ balance, weights, silent, threads: threads.slice(0, cycle * 4) });
        assert.deepEqual(
          first,
          share.map((weight) => weight * 4),
        );
      }),
      { numRuns: 50 },
    );
  });
}

test('those that do not fail share what a silent backend leaves, by their weights', () => {
  const { second } = dialsOf({
    balance: 'weight',
    weights: [3, 1, 2],
    silent: [0],
    threads: Array<number>(36).fill(0),
  });
  assert.deepEqual(second, [0, 6, 12]);
});
