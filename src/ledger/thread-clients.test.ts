import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { ClientTable } from './client-table.ts';
import { OVER_CLIENT_LIMIT, OVER_CLIENT_RATE, ThreadClients, type ClientRules, type Rate } from './thread-clients.ts';

const NO_RULES: ClientRules = { maxConnections: 0, maxWaiting: 0, rate: undefined, stickyMs: 0, prefixV6: 128 };
const NOW = 1_000;

function clientsOf(rules: Partial<ClientRules>) {
  const table = new ClientTable(8);
  const open = (number: number) => new ThreadClients(table.open(number), { ...NO_RULES, ...rules });
  return { table, one: open(1), other: open(2) };
}

function enter(thread: ThreadClients, last: number, nowMs = NOW): number {
  return thread.enter(Uint8Array.of(192, 0, 2, last), 4, nowMs);
}

test('a client has as many connections as it may over all threads, and each that ends makes room for one', () => {
  const { table, one, other } = clientsOf({ maxConnections: 2 });
  const entry = enter(one, 1);
  assert.ok(entry > 0);
  assert.equal(enter(other, 1), entry, 'it is the same client on each thread');
  assert.deepEqual([enter(one, 1), enter(other, 1)], [OVER_CLIENT_LIMIT, OVER_CLIENT_LIMIT]);
  assert.ok(enter(one, 2) > 0, 'another client is not concerned');
  other.leave(entry);
  assert.deepEqual([enter(one, 1), enter(other, 1)], [entry, OVER_CLIENT_LIMIT]);
  assert.deepEqual(table.totals(), { known: 2, connected: 2, evicted: 0, forgotten: 0 });
});

test('without a limit any number of connections is counted', () => {
  const { table, one, other } = clientsOf({});
  const entries = Array.from({ length: 1_000 }, (_, i) => enter(i % 2 === 0 ? one : other, 1));
  assert.equal(new Set(entries).size, 1);
  entries.forEach((entry, i) => (i % 2 === 0 ? one : other).leave(entry));
  assert.deepEqual([table.totals().known, table.totals().connected], [1, 0]);
});

test('rules that change hold from the next call on', () => {
  const { one } = clientsOf({ maxConnections: 3, maxWaiting: 2 });
  const entry = enter(one, 1);
  enter(one, 1);
  one.rules = { ...one.rules, maxConnections: 1, maxWaiting: 1 };
  assert.equal(enter(one, 1), OVER_CLIENT_LIMIT);
  assert.deepEqual([one.wait(entry), one.wait(entry)], [true, false]);
  one.leave(entry);
  assert.equal(enter(one, 1), OVER_CLIENT_LIMIT, 'as many as may are there still');
  one.rules = { ...one.rules, maxConnections: 2, maxWaiting: 2 };
  assert.deepEqual([enter(one, 1), enter(one, 1), one.wait(entry)], [entry, OVER_CLIENT_LIMIT, true]);
});

test('as many of its connections wait as may, over all threads', () => {
  const { one, other } = clientsOf({ maxWaiting: 2 });
  const [entry, neighbour] = [enter(one, 1), enter(one, 2)];
  for (let i = 0; i < 3; i++) enter(other, 1);
  assert.deepEqual(
    [one.wait(entry), other.wait(entry), one.wait(entry), other.wait(entry)],
    [true, true, false, false],
  );
  assert.ok(other.wait(neighbour), 'another client is not concerned');
  other.stopWaiting(entry);
  assert.deepEqual([one.wait(entry), one.wait(entry)], [true, false]);
});

test('without a limit any number may wait', () => {
  const { one } = clientsOf({});
  const entry = enter(one, 1);
  assert.ok(Array.from({ length: 100 }, () => one.wait(entry)).every(Boolean));
});

test('a new client has a full bucket, which the threads empty together and time fills', () => {
  const { one, other } = clientsOf({ rate: { burst: 3, perMs: 1 / 100 } });
  const tries = (nowMs: number) => [one, other, one, other].map((thread) => enter(thread, 1, nowMs) > 0);
  assert.deepEqual(tries(NOW), [true, true, true, false]);
  assert.ok(enter(one, 2) > 0, 'another client has its own');
  assert.deepEqual(tries(NOW + 99), [false, false, false, false]);
  assert.deepEqual(tries(NOW + 100), [true, false, false, false]);
  assert.deepEqual(tries(NOW + 300), [true, true, false, false]);
  assert.deepEqual(tries(NOW + 1e6), [true, true, true, false], 'it holds no more than the burst');
});

test('a client that is turned away takes no token and counts nowhere', () => {
  const { table, one } = clientsOf({ maxConnections: 1, rate: { burst: 2, perMs: 0 } });
  const entry = enter(one, 1);
  assert.deepEqual([enter(one, 1), enter(one, 1)], [OVER_CLIENT_LIMIT, OVER_CLIENT_LIMIT]);
  one.leave(entry);
  assert.equal(enter(one, 1), entry, 'the second token is there still');
  assert.equal(enter(one, 1), OVER_CLIENT_LIMIT, 'said before too fast');
  one.leave(entry);
  assert.deepEqual([enter(one, 1), enter(one, 1)], [OVER_CLIENT_RATE, OVER_CLIENT_RATE]);
  assert.deepEqual(table.totals(), { known: 1, connected: 0, evicted: 0, forgotten: 0 });
});

test('a thread whose clock is behind gives no more tokens, and takes none away', () => {
  const { one, other } = clientsOf({ rate: { burst: 3, perMs: 1 / 10 } });
  assert.ok(enter(one, 1, NOW + 100) > 0);
  const behind = [1, 2, 3].map(() => enter(other, 1, NOW));
  assert.deepEqual(
    behind.map((entry) => entry > 0),
    [true, true, false],
  );
  assert.deepEqual([enter(one, 1, NOW + 109), enter(one, 1, NOW + 110) > 0], [OVER_CLIENT_RATE, true]);
});

test('a bucket is as big as the rate of now says', () => {
  const { one } = clientsOf({ rate: { burst: 2, perMs: 0 } });
  const admitted = () => Array.from({ length: 10 }, () => enter(one, 1)).filter((entry) => entry > 0).length;
  assert.equal(admitted(), 2);
  one.rules = { ...one.rules, rate: undefined };
  assert.equal(admitted(), 10);
  one.rules = { ...one.rules, rate: { burst: 5, perMs: 1 } };
  assert.equal(admitted(), 0, 'what was taken stays taken');
  assert.equal([enter(one, 1, NOW + 4), enter(one, 1, NOW + 4)].filter((entry) => entry > 0).length, 2);
});

/** Times in ms, not going back; in eighths, so that sums are exact. */
const times = fc.array(fc.nat(64), { minLength: 1, maxLength: 60 }).map((steps) =>
  steps.map(
    (
      (atMs) => (step: number) =>
        (atMs += step / 8)
    )(NOW),
  ),
);
const rates = fc.record<Rate>({
  burst: fc.integer({ min: 1, max: 6 }),
  perMs: fc.constantFrom(0, 1 / 64, 1 / 8, 1 / 2, 1, 4),
});

test('in any stretch of time as many come in as the rate gives, and no client that was due is turned away', () => {
  fc.assert(
    fc.property(times, rates, fc.constantFrom(0, 2 ** 31, 2 ** 40), (sequence, rate, sinceBootMs) => {
      const { one, other } = clientsOf({ rate });
      const cameIn: number[] = [];
      /** Whether one more at this time stays within what each stretch that ends now allows. */
      const isDue = (nowMs: number) =>
        cameIn.every((fromMs, i) => cameIn.length - i + 1 <= rate.burst + (nowMs - fromMs) * rate.perMs);
      sequence.forEach((time, i) => {
        const nowMs = sinceBootMs + time;
        const hasEntered = enter(i % 3 === 0 ? other : one, 1, nowMs) > 0;
        assert.equal(hasEntered, isDue(nowMs), `after ${cameIn.length} at ${nowMs}`);
        if (hasEntered) cameIn.push(nowMs);
      });
    }),
    { numRuns: 1000 },
  );
});

test('a client sticks to its backend on all threads for as long as it comes', () => {
  const { one, other } = clientsOf({ stickyMs: 100 });
  const entry = enter(one, 1);
  assert.equal(one.stuckTo(entry, NOW), 0);
  one.stick(entry, { to: 7 }, NOW);
  assert.equal(other.stuckTo(entry, NOW + 99), 7);
  one.leave(entry);
  assert.equal(enter(other, 1, NOW + 150), entry);
  assert.equal(other.stuckTo(entry, NOW + 150), 7, 'it came in time');
  assert.equal(one.stuckTo(entry, NOW + 249), 7);
  assert.equal(one.stuckTo(entry, NOW + 349), 0, 'it did not');
  assert.equal(one.stuckTo(entry, NOW + 350), 0);
});

test('a client does not stick to two: the thread that was faster has its way', () => {
  const { one, other } = clientsOf({ stickyMs: 100 });
  const entry = enter(one, 1);
  assert.deepEqual([one.stuckTo(entry, NOW), other.stuckTo(entry, NOW)], [0, 0]);
  assert.equal(one.stick(entry, { from: 0, to: 7 }, NOW), 7);
  assert.equal(other.stick(entry, { from: 0, to: 8 }, NOW), 7);
  assert.equal(other.stick(entry, { from: 7, to: 8 }, NOW), 8);
  assert.equal(one.stick(entry, { from: 7, to: 9 }, NOW + 100), 9, 'it does not stick any more');
});

test('a client is stuck anew, to another backend or to none, and others are not', () => {
  const { one, other } = clientsOf({ stickyMs: 100 });
  const [entry, neighbour] = [enter(one, 1), enter(other, 2)];
  one.stick(entry, { to: 7 }, NOW);
  other.stick(entry, { to: -2_000_000_000 }, NOW + 50);
  assert.equal(one.stuckTo(entry, NOW + 149), -2_000_000_000);
  assert.equal(one.stuckTo(neighbour, NOW), 0);
  one.stick(entry, { to: 0 }, NOW + 149);
  assert.equal(other.stuckTo(entry, NOW + 149), 0);
});

test('times beyond what 32 bits hold are times like others', () => {
  const late = 2 ** 31 + 0.5;
  const { one, other } = clientsOf({ stickyMs: 1_000, rate: { burst: 1, perMs: 1 / 8 } });
  for (const nowMs of [late, 2 * late, 1_000 * late]) {
    const entry = enter(one, 1, nowMs);
    assert.ok(entry > 0);
    assert.equal(other.stuckTo(entry, nowMs), 0, 'weeks have gone by');
    one.stick(entry, { to: 7 }, nowMs);
    assert.equal(other.stuckTo(entry, nowMs + 999), 7);
    assert.deepEqual([enter(one, 1, nowMs + 7.75), enter(one, 1, nowMs + 8)], [OVER_CLIENT_RATE, entry]);
  }
});
