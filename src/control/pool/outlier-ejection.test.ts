import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type Pooling, pooling, specOf } from '../../../test/helpers/rigs/pool.ts';

const A = '10.0.0.1';
const B = '10.0.0.2';
const FAIL_TIMEOUT_MS = 10_000;

/** Two backends that three failures eject. */
function failing({ settings = {} }: Pooling = {}) {
  const parts = pooling({ settings: { maxFails: 3, failTimeoutMs: FAIL_TIMEOUT_MS, ...settings } });
  parts.pool.update([specOf(A), specOf(B)]);
  const failures = (host: string, count: number) => {
    for (let n = 0; n < count; n++) parts.fail(host);
  };
  return { ...parts, failures };
}

describe('failures', () => {
  test('so many within the time eject a backend, which is told once with its code', () => {
    const { failures, serving, events, status, clock } = failing();
    failures(A, 2);
    clock.advance(FAIL_TIMEOUT_MS - 1);
    assert.deepEqual([serving(), events], [[A, B], []]);
    failures(A, 1);
    assert.deepEqual(serving(), [B]);
    assert.deepEqual(events, [
      { type: 'ejected', backend: `${A}:80`, code: 'ECONNREFUSED', failTimeoutMs: FAIL_TIMEOUT_MS, isFirst: true },
    ]);
    assert.deepEqual([status(A).obstacle, status(A).probeInMs], ['ejected', FAIL_TIMEOUT_MS]);
    assert.deepEqual([status(B).obstacle, status(B).probeInMs], [undefined, undefined]);
  });

  test('are forgotten when the time is over that began with the first', () => {
    const { failures, serving, told, clock } = failing();
    failures(A, 2);
    clock.advance(FAIL_TIMEOUT_MS);
    assert.equal(clock.timers, 0);
    failures(A, 2);
    clock.advance(FAIL_TIMEOUT_MS);
    assert.deepEqual([serving(), told(), clock.timers], [[A, B], [], 0]);
  });

  test('count by what the backend has of its own', () => {
    const { pool, fail, serving, status, candidate } = failing();
    pool.update([specOf(A, { maxFails: 1, failTimeoutMs: 500 }), specOf(B, { maxFails: 0 })]);
    assert.deepEqual([candidate(A).maxFails, candidate(B).maxFails], [1, 0]);
    fail(A);
    fail(B);
    assert.deepEqual([serving(), status(A).probeInMs], [[B], 500]);
  });

  test('of a row that another backend has by now, or of one that gets no clients, are ignored', () => {
    const { pool, thread, candidate, told, clock, checks, serving } = failing({ settings: { maxFails: 1 } });
    const { slot } = candidate(A);
    pool.failed('10.0.0.9:80', slot, { what: 'ejected', code: '' });
    pool.failed(`${B}:80`, slot, { what: 'first', code: '' });
    assert.equal(clock.timers, 0);
    checks.find(`${A}:80`, false);
    told();
    thread.countFailure(slot, 1);
    pool.failed(`${A}:80`, slot, { what: 'ejected', code: '' });
    assert.deepEqual([told(), clock.timers], [[], 0]);
    checks.find(`${A}:80`, true);
    assert.deepEqual(serving(), [A, B], 'a backend that comes up is restored');
  });

  test('a first one that is heard of after the last one changes nothing', () => {
    const { pool, failures, candidate, status, clock } = failing();
    const { slot, key } = candidate(A);
    failures(A, 3);
    clock.advance(1_000);
    pool.failed(key, slot, { what: 'first', code: 'ECONNREFUSED' });
    assert.equal(status(A).probeInMs, FAIL_TIMEOUT_MS - 1_000);
  });
});

test('a probe passed on one thread that is heard of after another has ejected the backend anew', () => {
  const { pool, failures, thread, candidate, serving, told, clock } = failing({ settings: { maxFails: 1 } });
  const { slot, key } = candidate(A);
  failures(A, 1);
  clock.advance(FAIL_TIMEOUT_MS);
  assert.ok(thread.takeProbe(slot) && thread.passesProbe(slot, 1));
  assert.equal(thread.countFailure(slot, 1), 'last');
  pool.failed(key, slot, { what: 'ejected', code: 'ECONNREFUSED' });
  pool.failed(key, slot, { what: 'passed', code: '' });
  assert.deepEqual([serving(), told()], [[B], [`ejected ${A}:80`, `probing ${A}:80`, `ejected ${A}:80`]]);
  clock.advance(FAIL_TIMEOUT_MS);
  assert.ok(thread.isProbing(slot));
});

describe('a backend that was ejected', () => {
  test('is tried by one client when its time is over, and those that wait are told', () => {
    const { failures, takeProbe, serving, told, status, published, clock } = failing();
    failures(A, 3);
    clock.advance(FAIL_TIMEOUT_MS - 1);
    assert.ok(!takeProbe(A, true));
    const versions = published.length;
    clock.advance(1);
    assert.equal(published.length, versions + 1);
    assert.deepEqual([serving(), status(A).probeInMs, clock.timers], [[B], 0, 0]);
    assert.ok(takeProbe(A, true));
    assert.deepEqual([serving(), status(A).obstacle], [[A, B], undefined]);
    assert.equal(published.length, versions + 2);
    assert.deepEqual(told(), [`ejected ${A}:80`, `probing ${A}:80`, `restored ${A}:80`]);
  });

  test('is ejected again by one failure until another time is over', () => {
    const { failures, takeProbe, serving, told, clock } = failing();
    failures(A, 3);
    clock.advance(FAIL_TIMEOUT_MS);
    takeProbe(A, true);
    clock.advance(FAIL_TIMEOUT_MS - 1);
    failures(A, 1);
    assert.deepEqual(serving(), [B]);
    clock.advance(FAIL_TIMEOUT_MS);
    takeProbe(A, true);
    clock.advance(FAIL_TIMEOUT_MS);
    failures(A, 2);
    assert.deepEqual(serving(), [A, B]);
    assert.equal(told().filter((line) => line.startsWith('ejected')).length, 2);
  });

  test('and fails its client stays ejected for as long again, which is no first ejection', () => {
    const { failures, takeProbe, serving, events, clock, status } = failing();
    failures(A, 3);
    clock.advance(FAIL_TIMEOUT_MS);
    assert.ok(takeProbe(A, false));
    assert.deepEqual([serving(), status(A).probeInMs], [[B], FAIL_TIMEOUT_MS]);
    assert.ok(!takeProbe(A, true));
    clock.advance(FAIL_TIMEOUT_MS);
    assert.ok(takeProbe(A, true));
    const reported = events.flatMap((event) => ('isFirst' in event ? [[event.type, event.isFirst]] : []));
    assert.deepEqual(reported, [
      ['ejected', true],
      ['probing', true],
      ['ejected', false],
      ['probing', false],
    ]);
  });

  test('starts slowly when it is back', () => {
    const { failures, takeProbe, candidate, clock } = failing({ settings: { slowStartMs: 10_000 } });
    failures(A, 3);
    clock.advance(FAIL_TIMEOUT_MS);
    takeProbe(A, true);
    assert.deepEqual([candidate(A).weight, candidate(B).weight], [5, 100]);
  });

  test('and leaves or goes down is forgotten, and comes back as if nothing had been', () => {
    const { pool, failures, checks, serving, clock, setState } = failing();
    failures(A, 3);
    checks.find(`${A}:80`, false);
    assert.equal(clock.timers, 0);
    checks.find(`${A}:80`, true);
    assert.deepEqual(serving(), [A, B]);
    failures(A, 3);
    pool.update([specOf(B)]);
    pool.update([specOf(A), specOf(B)]);
    assert.deepEqual(serving(), [A, B]);
    failures(A, 3);
    setState(A, 'draining');
    setState(A, 'enabled');
    assert.deepEqual([serving(), clock.timers], [[A, B], 0]);
  });

  test('is back when failures do not count any more', () => {
    const { pool, failures, configure, serving, clock, told } = failing();
    failures(A, 3);
    configure({ maxFails: 0 });
    assert.deepEqual([serving(), clock.timers], [[A, B], 0]);
    configure({ maxFails: 3 });
    failures(A, 3);
    told();
    pool.update([specOf(A, { maxFails: 0 }), specOf(B)]);
    assert.deepEqual([serving(), told()], [[A, B], [`restored ${A}:80`]]);
  });
});

describe('when all are ejected', () => {
  test('all are tried again, which is told no more than once in the time', () => {
    const { failures, serving, told, clock } = failing();
    failures(A, 3);
    failures(B, 3);
    assert.deepEqual(serving(), [A, B]);
    assert.deepEqual(told(), [`ejected ${A}:80`, `ejected ${B}:80`, 'all-ejected']);
    clock.advance(1_000);
    failures(A, 3);
    failures(B, 3);
    assert.deepEqual(serving(), [A, B]);
    assert.ok(!told().includes('all-ejected'));
    clock.advance(FAIL_TIMEOUT_MS - 1_000);
    failures(A, 3);
    failures(B, 3);
    assert.ok(told().includes('all-ejected'));
    assert.deepEqual(serving(), [A, B]);
  });

  test('an ejection is a first one again when they have been well for the time', () => {
    const { failures, told, events, clock } = failing();
    failures(A, 3);
    failures(B, 3);
    failures(A, 3);
    assert.deepEqual(
      events.filter((event) => event.type === 'ejected').map(({ isFirst }) => isFirst),
      [true, true, false],
    );
    failures(B, 3);
    told();
    clock.advance(FAIL_TIMEOUT_MS);
    assert.deepEqual([told(), clock.timers], [[`restored ${A}:80`, `restored ${B}:80`], 0]);
  });

  test('only those count that get clients otherwise', () => {
    const { pool, checks, failures, serving } = failing();
    pool.update([specOf(A), specOf(B), specOf('10.0.0.3', { state: 'disabled' }), specOf('unresolved')]);
    checks.find(`${B}:80`, false);
    failures(A, 3);
    assert.deepEqual(serving(), [A]);
  });

  test('the last one is that goes down', () => {
    const { checks, failures, serving } = failing();
    failures(A, 3);
    assert.deepEqual(serving(), [B]);
    checks.find(`${B}:80`, false);
    assert.deepEqual(serving(), [A]);
  });

  test('clients wait for the first that is tried, where they do', () => {
    const { failures, serving, takeProbe, told, clock } = failing({ settings: { queuesWhenDown: true } });
    failures(A, 3);
    failures(B, 3);
    assert.deepEqual(serving(), []);
    clock.advance(FAIL_TIMEOUT_MS);
    assert.ok(takeProbe(A, true));
    assert.deepEqual(serving(), [A]);
    assert.ok(!told().includes('all-ejected'));
  });
});

test('a stop ends all waiting', () => {
  const { pool, failures, clock } = failing();
  failures(A, 3);
  failures(B, 1);
  assert.equal(clock.timers, 2);
  pool.stop();
  assert.equal(clock.timers, 0);
});
