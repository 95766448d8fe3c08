import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { seededRandom } from '../../../test/helpers/fakes/test-capacity.ts';
import { QUEUE_ACTS, type QueueAct, type QueueRules } from '../../../test/helpers/models/queue-acts.ts';
import { World } from '../../../test/helpers/models/queue-oracle.ts';
import { LIMITS } from '../../../test/helpers/rigs/frontend.ts';
import type { Limits } from '../../core/limits.ts';

/** Clients come, go and are connected more often than threads die. */
const OFTEN = ['accept', 'accept', 'accept', 'connect', 'connect', 'fail', 'end', 'end', 'end'] as const;
const NOW_AND_THEN = ['wait', 'wait', 'hear', 'hear', 'answer', 'answer', 'settle', 'change', 'startProbing'] as const;

const ACTS = [...QUEUE_ACTS, ...NOW_AND_THEN, ...NOW_AND_THEN, ...OFTEN, ...OFTEN, ...OFTEN, ...OFTEN];

const act: fc.Arbitrary<QueueAct> = fc.record({
  do: fc.constantFrom(...ACTS),
  thread: fc.nat(2),
  // Not small ones above all: much is chosen by it.
  pick: fc.noBias(fc.nat()),
});

// Times at which tokens come due or clients cease to stick are never those at which something happens: the clocks of
// threads may differ by a microsecond.
const limits: fc.Arbitrary<Limits> = fc.record({
  maxConnections: fc.constantFrom(0, 0, 0, 6, 12),
  connectTimeoutMs: fc.constant(0),
  clientIdleMs: fc.constant(0),
  backendIdleMs: fc.constant(0),
  clientFinMs: fc.constant(0),
  backendFinMs: fc.constant(0),
  unacknowledgedMs: fc.constant(0),
  keepAlive: fc.constant({ idleMs: 15_000, intervalMs: 15_000, count: 9 }),
  sourceAddresses: fc.constant([]),
  retries: fc.nat(3),
  queue: fc.record({
    timeoutMs: fc.constantFrom(0, 120, 400, 400, 1_000),
    size: fc.constantFrom(0, 0, 0, 1, 3),
    perClient: fc.constantFrom(0, 0, 0, 1, 2),
    whenDown: fc.boolean(),
  }),
  perClient: fc.record({
    maxConnections: fc.constantFrom(0, 0, 0, 1, 3),
    rate: fc.record({ count: fc.constantFrom(0, 0, 0, 1, 3), withinMs: fc.constant(100.07) }),
    prefixV6: fc.constant(64),
  }),
  stickyMs: fc.constantFrom(0, 90.5, 250.5),
});

const rules: fc.Arbitrary<QueueRules> = fc.record({
  backends: fc.array(
    fc.record({
      addresses: fc.constantFrom(1, 1, 2),
      maxConnections: fc.constantFrom(0, 1, 1, 1, 2, 5),
      priority: fc.integer({ min: 1, max: 2 }),
      weight: fc.nat(3),
      maxFails: fc.nat(3),
    }),
    { maxLength: 6 },
  ),
  limits: fc.array(limits, { minLength: 1, maxLength: 3 }),
  balance: fc.constantFrom('roundrobin', 'weight', 'leastconn', 'random2', 'iphash'),
  threads: fc.integer({ min: 1, max: 3 }),
  countsClients: fc.boolean(),
  mostBackends: fc.constant(6),
});

test('whatever happens to clients that wait, stick and are limited, the policy is that of the oracle', () => {
  fc.assert(
    fc.property(rules, fc.array(act, { minLength: 1, maxLength: 200, size: 'max' }), (given, acts) => {
      const world = new World(given);
      for (const one of acts) {
        world.play(one);
        world.check();
      }
      world.finish();
    }),
    { numRuns: 300 },
  );
});

/** Every limit, and what is in force changes among them. */
const BUSY: QueueRules = {
  backends: [{ maxConnections: 2, maxFails: 2 }, { maxConnections: 5, maxFails: 1, weight: 2 }, { maxConnections: 1 }],
  limits: [
    { ...LIMITS, queue: { timeoutMs: 400, size: 0, perClient: 0, whenDown: true }, stickyMs: 250.5 },
    { ...LIMITS, queue: { timeoutMs: 1_000, size: 30, perClient: 8, whenDown: false }, maxConnections: 50 },
    {
      ...LIMITS,
      queue: { timeoutMs: 120, size: 8, perClient: 0, whenDown: true },
      perClient: { maxConnections: 6, rate: { count: 4, withinMs: 500.21 }, prefixV6: 64 },
      stickyMs: 90.5,
    },
    { ...LIMITS, retries: 1 },
  ],
  balance: 'leastconn',
  threads: 3,
  countsClients: true,
  mostBackends: 6,
};

/** So many connections in one run. */
const CONNECTIONS = 100_000;
/** Causes of clients that are waited for before a backend is asked for. */
const BEFORE_THE_STEPS: readonly string[] = ['CR', 'cR'];
/** Acts between two looks at all that is counted. */
const CHECK_EVERY = 64;

test('limits, states and stickiness stay exact over 100,000 connections', { timeout: 100_000 }, () => {
  // SEED=… repeats a run.
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  const random = seededRandom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const world = new World(BUSY);
  let acts = 0;
  try {
    while (world.accepted < CONNECTIONS) {
      world.play({ do: ACTS[below(ACTS.length)]!, thread: below(3), pick: below(2 ** 16) * 2 ** 15 + below(2 ** 15) });
      acts += 1;
      if (acts % CHECK_EVERY === 0) world.check();
    }
    world.finish();
    // All of it has happened.
    for (const [what, count] of Object.entries(world.counted))
      assert.ok(count > 0 || BEFORE_THE_STEPS.includes(what), what);
  } catch (error) {
    throw new Error(`seed ${seed}, act ${acts}`, { cause: error });
  }
});

test('the oracle notices a place that is not given back', () => {
  const world = new World(BUSY);
  world.play({ do: 'accept', thread: 0, pick: 1 });
  world.check();
  world.leak();
  assert.throws(() => world.check(), assert.AssertionError);
});
