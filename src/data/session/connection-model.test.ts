import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { World, type Act, type Rules } from '../../../test/helpers/models/policy-oracle.ts';

const ACTS = ['accept', 'deny', 'connect', 'fail', 'move', 'end', 'cut', 'wait'] as const;
const act: fc.Arbitrary<Act> = fc.record({
  // Clients come and dials fail more often than somebody cuts everything.
  do: fc.constantFrom(...ACTS, 'accept', 'accept', 'connect', 'fail', 'end'),
  thread: fc.nat(1),
  pick: fc.nat(),
});

const rules: fc.Arbitrary<Rules> = fc.record({
  backends: fc.array(
    fc.record({
      addresses: fc.integer({ min: 1, max: 2 }),
      maxConnections: fc.constantFrom(0, 1, 2),
      priority: fc.integer({ min: 1, max: 2 }),
    }),
    { maxLength: 5 },
  ),
  maxConnections: fc.constantFrom(0, 0, 1, 3, 6),
  retries: fc.nat(4),
  connectTimeoutMs: fc.constantFrom(0, 10),
  balance: fc.constantFrom('roundrobin', 'weight', 'leastconn', 'random2', 'iphash', 'consistent'),
});

test('whatever happens to connections in whatever order, the policy is that of the oracle', () => {
  fc.assert(
    fc.property(rules, fc.array(act, { minLength: 1, maxLength: 120 }), (given, acts) => {
      const world = new World(given);
      for (const one of acts) {
        world.play(one);
        world.check();
      }
      world.finish();
      world.check();
      world.checkFinished();
    }),
    { numRuns: 400 },
  );
});

test('the oracle notices a place that is not given back', () => {
  const world = new World({ backends: [{}], maxConnections: 0, retries: 0, connectTimeoutMs: 0, balance: 'weight' });
  world.play({ do: 'accept', thread: 0, pick: 0 });
  world.check();
  world.leak();
  assert.throws(() => world.check(), assert.AssertionError);
});
