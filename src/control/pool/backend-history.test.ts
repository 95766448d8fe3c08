import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeChecks } from '../../../test/helpers/fakes/fake-checks.ts';
import { pooling, specOf } from '../../../test/helpers/rigs/pool.ts';

const [A, B] = ['10.0.0.1', '10.0.0.2'];

test('a backend has changed when it began or ceased to get clients, for whatever reason', () => {
  const { pool, clock, checks, status, setState } = pooling({ checks: new FakeChecks() });
  clock.advance(5);
  const since = clock.date();
  pool.update([specOf(A), specOf(B)]);
  const changedAfter = (act: () => void): number => {
    clock.advance(10);
    act();
    assert.equal(status(A).since, since);
    return status(A).changedAt - since;
  };
  assert.equal(
    changedAfter(() => checks.find(`${B}:80`, false)),
    0,
    'another one is another one',
  );
  assert.equal(
    changedAfter(() => checks.find(`${A}:80`, false)),
    20,
  );
  assert.equal(
    changedAfter(() => setState(A, 'draining')),
    20,
    'it got none before',
  );
  assert.equal(
    changedAfter(() => checks.find(`${A}:80`, true)),
    20,
  );
  assert.equal(
    changedAfter(() => setState(A, undefined)),
    50,
  );
  assert.equal(
    changedAfter(() => pool.update([specOf(A, { weight: 5 }), specOf(B)])),
    50,
  );
});

test('one that is ejected has changed, and when it is tried it has not yet', () => {
  const { pool, clock, fail, takeProbe, status } = pooling({ settings: { maxFails: 1, failTimeoutMs: 100 } });
  pool.update([specOf(A), specOf(B)]);
  const since = clock.date();
  const seen = () => [status(A).changedAt - since, status(A).downs];
  clock.advance(7);
  fail(A);
  assert.deepEqual(seen(), [7, 1]);
  clock.advance(100);
  assert.equal(takeProbe(A, false), true);
  assert.deepEqual(seen(), [7, 1], 'it is the same fall');
  clock.advance(100);
  assert.equal(takeProbe(A, true), true);
  assert.deepEqual(seen(), [207, 1]);
});

test('falls are counted, by checks and by clients, until they are reset', () => {
  const checks = new FakeChecks();
  const { pool, fail, status } = pooling({ checks, settings: { maxFails: 1 } });
  pool.update([specOf(A), specOf(B)]);
  checks.find(`${A}:80`, false);
  checks.find(`${A}:80`, true);
  fail(A);
  assert.deepEqual([status(A).downs, status(B).downs], [2, 0]);
  pool.resetCounters();
  assert.equal(status(A).downs, 0);
});
