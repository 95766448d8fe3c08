import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock, turn } from '../../../test/helpers/fakes/fake-clock.ts';
import type { BackendSpec } from '../../core/backend.ts';
import type { DiscoverySettings } from './kind.ts';
import { DiscoveryLoop } from './loop.ts';

const SETTINGS: DiscoverySettings = { intervalMs: 0, timeoutMs: 0, failpolicy: 'keeplast' };

function listOf(...hosts: readonly string[]): readonly BackendSpec[] {
  return hosts.map((host) => ({ target: { host, port: 80 }, weight: 1, priority: 1, maxConnections: 0 }));
}

interface Fetch {
  readonly signal: AbortSignal;
  readonly resolve: (backends: readonly BackendSpec[]) => void;
  readonly reject: (thrown: unknown) => void;
}

/** A loop over a source that the test answers for, and what it was told. */
function looping(settings: Partial<DiscoverySettings>) {
  const clock = new FakeClock();
  const fetches: Fetch[] = [];
  const told: string[] = [];
  const source = {
    discover: (signal: AbortSignal) =>
      new Promise<readonly BackendSpec[]>((resolve, reject) => {
        fetches.push({ signal, resolve, reject });
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  };
  const loop = new DiscoveryLoop(
    source,
    { ...SETTINGS, ...settings },
    { clock, limit: (run) => run() },
    {
      found: (backends) =>
        told.push(`found ${backends.map(({ target }) => ('host' in target ? target.host : '')).join(' ') || 'none'}`),
      failed: ({ message }) => told.push(`failed: ${message}`),
    },
  );
  return { clock, fetches, told, loop, last: () => fetches.at(-1)! };
}

test('without an interval a source is asked once', async () => {
  const { clock, told, loop, fetches, last } = looping({});
  const started = loop.start();
  last().resolve(listOf('a', 'b'));
  await started;
  clock.advance(3_600_000);
  await turn();
  assert.deepEqual([told, fetches.length, clock.timers], [['found a b'], 1, 0]);
});

test('an interval runs from one answer to the next fetch, so a slow source is never asked twice at once', async () => {
  const { clock, told, loop, fetches, last } = looping({ intervalMs: 5_000 });
  const started = loop.start();
  clock.advance(60_000);
  await turn();
  assert.equal(fetches.length, 1);
  last().resolve(listOf('a'));
  await started;
  clock.advance(4_999);
  assert.equal(fetches.length, 1);
  clock.advance(1);
  assert.equal(fetches.length, 2);
  clock.advance(60_000);
  assert.equal(fetches.length, 2);
  last().resolve(listOf('b'));
  await turn();
  assert.deepEqual(told, ['found a', 'found b']);
  assert.equal(clock.nextInMs, 5_000);
});

for (const intervalMs of [0, 60_000]) {
  test(`after a failure the next fetch comes in two seconds, with an interval of ${intervalMs} ms too`, async () => {
    const { clock, told, loop, fetches, last } = looping({ intervalMs });
    const started = loop.start();
    last().reject(new Error('down'));
    await started;
    assert.equal(clock.nextInMs, 2_000);
    clock.advance(2_000);
    last().reject('a text');
    await turn();
    assert.equal(clock.nextInMs, 2_000);
    clock.advance(2_000);
    last().resolve(listOf('a'));
    await turn();
    assert.deepEqual(told, ['failed: down', 'failed: a text', 'found a']);
    assert.deepEqual([fetches.length, clock.nextInMs], [3, intervalMs === 0 ? undefined : intervalMs]);
  });
}

test('setempty takes the backends away after a failure, keeplast leaves them', async () => {
  for (const [failpolicy, expected] of [
    ['setempty', ['found a', 'failed: down', 'found none']],
    ['keeplast', ['found a', 'failed: down']],
  ] as const) {
    const { clock, told, loop, last } = looping({ failpolicy, intervalMs: 1_000 });
    const started = loop.start();
    last().resolve(listOf('a'));
    await started;
    clock.advance(1_000);
    last().reject(new Error('down'));
    await turn();
    assert.deepEqual(told, expected);
  }
});

test('a fetch that takes too long is aborted and counts as failed', async () => {
  const { clock, told, loop, last } = looping({ timeoutMs: 3_000 });
  const started = loop.start();
  clock.advance(2_999);
  assert.ok(!last().signal.aborted);
  clock.advance(1);
  assert.ok(last().signal.aborted);
  await started;
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /^failed: /);
  assert.equal(clock.nextInMs, 2_000);
});

test('an answer in time ends the timeout, and without one no time is kept', async () => {
  for (const timeoutMs of [3_000, 0]) {
    const { clock, loop, last } = looping({ timeoutMs });
    const started = loop.start();
    assert.equal(clock.timers, timeoutMs === 0 ? 0 : 1);
    last().resolve(listOf('a'));
    await started;
    assert.equal(clock.timers, 0);
    clock.advance(10_000);
    assert.ok(!last().signal.aborted);
  }
});

test('a source that throws at once fails as one that rejects', async () => {
  const told: string[] = [];
  const events = { found: () => assert.fail(), failed: ({ message }: Error) => told.push(message) };
  const source = {
    discover: (): never => {
      throw new Error('at once');
    },
  };
  await new DiscoveryLoop(source, SETTINGS, { clock: new FakeClock(), limit: (run) => run() }, events).start();
  assert.deepEqual(told, ['at once']);
});

test('a stop aborts the fetch that goes on and tells nothing of it', async () => {
  const { clock, told, loop, last } = looping({ intervalMs: 1_000, timeoutMs: 500, failpolicy: 'setempty' });
  const started = loop.start();
  loop.stop();
  assert.ok(last().signal.aborted);
  await started;
  assert.deepEqual([told, clock.timers], [[], 0]);
});

test('a stop between two fetches lets no other come', async () => {
  const { clock, loop, fetches, last } = looping({ intervalMs: 1_000 });
  const started = loop.start();
  last().resolve(listOf('a'));
  await started;
  loop.stop();
  loop.stop();
  clock.advance(10_000);
  await turn();
  assert.deepEqual([fetches.length, clock.timers], [1, 0]);
});

test('what lies over the list holds for each list that is found', async () => {
  const added = new Map(listOf('z').map((spec) => ['z:80', spec]));
  const overrides = { added, removed: new Set(['b:80']), changed: new Map() };
  const { clock, told, loop, last } = looping({ intervalMs: 5_000, failpolicy: 'setempty', overrides });
  const started = loop.start();
  last().resolve(listOf('a', 'b'));
  await started;
  clock.advance(5_000);
  last().reject(new Error('gone'));
  await turn();
  loop.stop();
  assert.deepEqual(told, ['found a z', 'failed: gone', 'found z']);
});

test('more backends than a server can have are a failure', async () => {
  const { told, loop, last } = looping({});
  const started = loop.start();
  last().resolve(Array.from({ length: 30_001 }, (_, index) => listOf(`h${index}`)).flat());
  await started;
  loop.stop();
  assert.deepEqual(told, ['failed: 30001 backends, more than 30000']);
});
