import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { FakePair } from '../../../test/helpers/fakes/fake-engine.ts';
import { fronting, LIMITS, type FrontingOptions } from '../../../test/helpers/rigs/frontend.ts';

/** It starts slowly: of its limit of 4 it has a quarter. */
const STARTING = { maxConnections: 1, fullMaxConnections: 4 };

/** Where each of so many clients that stay is dialled, by the place of the backend, or why it is not. */
function placesOf(options: FrontingOptions, count: number): readonly (number | string)[] {
  const { accept, entries } = fronting(options);
  const pairs: readonly FakePair[] = Array.from({ length: count }, () => accept());
  return pairs.map((pair) => {
    if (pair.state === 'ending') pair.ends('cut');
    const port = pair.dials[0]?.split(':')[1];
    if (port !== undefined) return Number(port) - 8_000;
    return pair.state === 'ended' ? (entries().at(-1)?.cause ?? '') : pair.state;
  });
}

describe('a backend that starts slowly', () => {
  test('takes its part while another has room, and then all that it can', () => {
    const places = placesOf({ backends: [STARTING, { maxConnections: 3 }] }, 8);
    assert.deepEqual(places.toSorted(), [0, 0, 0, 0, 1, 1, 1, 'PC']);
    assert.equal(places.slice(0, 4).filter((place) => place === 0).length, 1, places.join());
  });

  test('turns no client away as the only one', () => {
    assert.deepEqual(placesOf({ backends: [STARTING] }, 5), [0, 0, 0, 0, 'PC']);
  });

  test('lets none wait while it has room', () => {
    const queue = { ...LIMITS.queue, timeoutMs: 1_000 };
    assert.deepEqual(placesOf({ backends: [STARTING], limits: { queue } }, 5), [0, 0, 0, 0, 'waiting']);
  });

  test('leaves clients to a backup that has room', () => {
    const places = placesOf({ backends: [STARTING, { priority: 2, maxConnections: 2 }] }, 6);
    assert.deepEqual(places, [0, 1, 1, 0, 0, 0]);
  });

  test('is asked by the clients of a backend that fails, beyond its part', () => {
    const { accept } = fronting({ backends: [STARTING, {}] });
    const pairs = Array.from({ length: 4 }, () => accept());
    const failing = pairs.filter(({ dials }) => dials[0]?.endsWith(':8001'));
    for (const pair of failing) pair.fails('refused');
    assert.deepEqual(
      failing.map(({ dials }) => dials.at(-1)),
      failing.map(() => '10.0.0.1:8000'),
    );
    assert.equal(failing.length, 3);
  });
});
