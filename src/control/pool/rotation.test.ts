import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FakeChecks } from '../../../test/helpers/fakes/fake-checks.ts';
import { type Pooling, pooling, specOf } from '../../../test/helpers/rigs/pool.ts';
import type { BackendSpec } from '../../core/backend.ts';

const A = '10.0.0.1';
const B = '10.0.0.2';
const C = '10.0.0.3';

/** A pool with these backends in use, and nothing told. */
function poolOf(hosts: readonly string[], options: Pooling = {}) {
  const parts = pooling(options);
  const list = (change: Partial<BackendSpec> = {}) => hosts.map((host) => specOf(host, change));
  parts.pool.update(list());
  parts.told();
  return { ...parts, list };
}

describe('checks', () => {
  test('a backend that goes down gets no clients until it is up; each change is told once', () => {
    const { checks, serving, told, published, status } = poolOf([A, B]);
    checks.find(`${A}:80`, false);
    checks.find(`${A}:80`, false);
    assert.deepEqual(serving(), [B]);
    assert.deepEqual(told(), [`down ${A}:80`]);
    assert.equal(published.length, 2);
    assert.deepEqual([status(A).obstacle, status(A).health?.reason], ['down', 'refused']);
    checks.find(`${A}:80`, true);
    assert.deepEqual([serving(), told()], [[A, B], [`up ${A}:80`]]);
    assert.equal(status(A).obstacle, undefined);
  });

  test('a new backend counts as the checks begin with, which is no change', () => {
    const { checks, serving, told } = poolOf([A], { checks: new FakeChecks({ isLive: false }) });
    assert.deepEqual([serving(), told()], [[], []]);
    checks.find(`${A}:80`, true);
    assert.deepEqual([serving(), told()], [[A], [`up ${A}:80`]]);
  });

  test('those on the list are checked, unless they are disabled', () => {
    const { pool, checks, setState } = poolOf([A, B]);
    assert.deepEqual(checks.watched, [`${A}:80`, `${B}:80`]);
    setState(A, 'draining');
    assert.deepEqual(checks.watched, [`${A}:80`, `${B}:80`]);
    setState(A, 'disabled');
    assert.deepEqual(checks.watched, [`${B}:80`]);
    pool.update([specOf(B), specOf(C)]);
    assert.deepEqual(checks.watched, [`${B}:80`, `${C}:80`]);
  });

  test('what was known of a backend is forgotten while it is not checked', () => {
    const { checks, serving, told, status, setState } = poolOf([A, B]);
    checks.find(`${A}:80`, false);
    setState(A, 'disabled');
    assert.equal(status(A).health, undefined);
    setState(A, undefined);
    assert.deepEqual(serving(), [A, B]);
    assert.deepEqual(told(), [`down ${A}:80`, `state ${A}:80`, `state ${A}:80`]);
    assert.equal(status(A).health?.state, 'unchecked');
  });
});

describe('states', () => {
  test('that of the list holds, and an override wins over it until it is cleared', () => {
    const { pool, serving, told, status, list, setState } = poolOf([A, B]);
    pool.update(list({ state: 'draining' }));
    assert.deepEqual([serving(), told()], [[], [`state ${A}:80`, `state ${B}:80`]]);
    setState(A, 'enabled');
    pool.update(list({ state: 'disabled' }));
    assert.deepEqual([serving(), told()], [[A], [`state ${A}:80`, `state ${B}:80`]]);
    assert.deepEqual(
      [status(A), status(B)].map(({ state, isStateOverridden, obstacle }) => [state, isStateOverridden, obstacle]),
      [
        ['enabled', true, undefined],
        ['disabled', false, 'disabled'],
      ],
    );
    setState(A, undefined);
    assert.deepEqual([serving(), status(A).state], [[], 'disabled']);
  });

  test('an override outlives the backend that left the list, and goes with no other backend', () => {
    const { pool, serving, setState } = poolOf([A]);
    setState(A, 'disabled');
    pool.update([]);
    pool.applied(pool.snapshot.version);
    assert.deepEqual(pool.slots(), []);
    pool.update([specOf(A), specOf(B)]);
    assert.deepEqual(serving(), [B]);
    pool.update([]);
    pool.applied(pool.snapshot.version);
    setState(A, undefined);
    pool.update([specOf(A)]);
    assert.deepEqual(serving(), [A]);
  });

  test('of a backend that is not there yet holds once it is', () => {
    const { pool, serving, told, setState } = poolOf([A]);
    setState(B, 'disabled');
    pool.update([specOf(A), specOf(B)]);
    assert.deepEqual([serving(), told()], [[A], []]);
  });

  test('the same again is no change', () => {
    const { told, setState } = poolOf([A]);
    setState(A, 'enabled');
    assert.deepEqual(told(), []);
  });
});

describe('connections of a backend that is down', () => {
  test('are kept, unless they are to be closed; then once, after it is out of the snapshot', () => {
    const keeping = poolOf([A, B]);
    keeping.checks.find(`${A}:80`, false);
    assert.deepEqual(keeping.closed, []);

    const { checks, closed, candidate, published } = poolOf([A, B], { settings: { closesOnDown: true } });
    const { slot } = candidate(A);
    const versions = published.length;
    checks.find(`${A}:80`, false);
    assert.deepEqual([closed, published.length], [[slot], versions + 1]);
    checks.find(`${B}:80`, false);
    assert.equal(closed.length, 2);
    checks.find(`${A}:80`, true);
    checks.find(`${A}:80`, false);
    assert.deepEqual(closed.at(-1), slot);
  });

  test('are closed when it is disabled, not when it drains, is ejected, or leaves the list', () => {
    const settings = { closesOnDown: true, maxFails: 1 };
    const { pool, closed, candidate, fail, setState } = poolOf([A, B, C], { settings });
    const { slot } = candidate(B);
    setState(B, 'draining');
    fail(A);
    pool.update([specOf(A), specOf(B)]);
    assert.deepEqual(closed, []);
    setState(B, 'disabled');
    assert.deepEqual(closed, [slot]);
  });

  test('one that was down or disabled from the start has none', () => {
    const checks = new FakeChecks({ isLive: false });
    const { closed, pool } = poolOf([A], { checks, settings: { closesOnDown: true } });
    pool.update([specOf(A), specOf(B, { state: 'disabled' })]);
    assert.deepEqual(closed, []);
  });
});

describe('panic', () => {
  test('below the threshold all that are enabled get clients, and failures do not count', () => {
    const settings = { panicThreshold: 50, maxFails: 1 };
    const { checks, serving, told, candidate, setState } = poolOf([A, B, C], { settings });
    checks.find(`${A}:80`, false);
    assert.deepEqual([serving(), candidate(B).maxFails], [[B, C], 1]);
    checks.find(`${B}:80`, false);
    assert.deepEqual([serving(), candidate(B).maxFails], [[A, B, C], 0]);
    assert.deepEqual(told(), [`down ${A}:80`, `down ${B}:80`, 'panic']);
    setState(C, 'draining');
    assert.deepEqual(serving(), [A, B], 'a draining backend gets none in a panic either');
    setState(C, undefined);
    told();
    checks.find(`${A}:80`, true);
    assert.deepEqual(
      [serving(), told()],
      [
        [A, C],
        [`up ${A}:80`, 'panic-over'],
      ],
    );
    assert.equal(candidate(A).maxFails, 1);
  });

  test('just at the threshold there is none, nor where nothing was checked, nor where there is nothing', () => {
    const { pool, checks, told } = poolOf([A, B], { settings: { panicThreshold: 50 } });
    checks.find(`${A}:80`, false);
    pool.update([]);
    assert.deepEqual(told(), [`down ${A}:80`]);
    const unchecked = poolOf([A, B], { checks: new FakeChecks({ isLive: false }), settings: { panicThreshold: 50 } });
    assert.deepEqual([unchecked.serving(), unchecked.told()], [[], []]);
    unchecked.checks.find(`${A}:80`, true);
    assert.deepEqual(unchecked.serving(), [A]);
  });

  test('comes when checks find down what began as down', () => {
    const checks = new FakeChecks({ isLive: false });
    const { serving, told } = poolOf([A, B], { checks, settings: { panicThreshold: 60 } });
    checks.find(`${A}:80`, false);
    assert.deepEqual([serving(), told()], [[A, B], ['panic']]);
  });

  test('ends the ejection of all', () => {
    const settings = { panicThreshold: 60, maxFails: 1 };
    const { checks, serving, told, fail, ledger, candidate, clock } = poolOf([A, B], { settings });
    fail(A);
    assert.deepEqual(serving(), [B]);
    told();
    checks.find(`${B}:80`, false);
    assert.deepEqual(serving(), [A, B]);
    assert.deepEqual(told(), [`down ${B}:80`, 'panic', `restored ${A}:80`]);
    assert.equal(ledger.isEjected(candidate(A).slot), false);
    assert.equal(clock.timers, 0);
  });

  test('a failure that a thread still counted in it ejects no backend', () => {
    const settings = { panicThreshold: 60, maxFails: 1 };
    const { pool, checks, thread, serving, candidate } = poolOf([A, B], { settings });
    checks.find(`${B}:80`, false);
    const { slot, key } = candidate(A);
    assert.equal(thread.countFailure(slot, 1), 'last');
    pool.failed(key, slot, { what: 'ejected', code: 'ECONNREFUSED' });
    assert.deepEqual(serving(), [A, B]);
  });

  test('cuts no connection, until it is over', () => {
    const settings = { panicThreshold: 100, closesOnDown: true };
    const { pool, checks, closed, candidate } = poolOf([A, B], { settings });
    const { slot } = candidate(A);
    checks.find(`${A}:80`, false);
    assert.deepEqual([closed, candidate(A).slot], [[], slot]);
    pool.update([specOf(A), specOf(B), specOf(C)]);
    assert.deepEqual(closed, []);
    checks.find(`${A}:80`, true);
    assert.deepEqual(closed, []);
  });
});

describe('slow start', () => {
  const settings = { slowStartMs: 10_000 };

  test('a backend that comes up gets its weight and limit little by little', () => {
    const { pool, checks, clock, candidate, status, published } = poolOf([A, B], { settings });
    pool.update([specOf(A, { weight: 2, maxConnections: 30 }), specOf(B)]);
    const terms = () => [candidate(A).weight, candidate(A).maxConnections, candidate(B).weight];
    assert.deepEqual([terms(), clock.timers], [[2, 30, 1], 0], 'a new backend begins with all');
    checks.find(`${A}:80`, false);
    checks.find(`${A}:80`, true);
    assert.deepEqual([terms(), status(A).warmupFactor], [[10, 1, 100], 0.05]);
    clock.advance(5_000);
    assert.deepEqual([terms(), status(A).warmupFactor], [[100, 15, 100], 0.5]);
    const versions = published.length;
    clock.advance(5_000);
    assert.deepEqual([terms(), status(A).warmupFactor, clock.timers], [[2, 30, 1], 1, 0]);
    assert.equal(published.length - versions, 10);
  });

  test('so does one that was disabled or drained, but not one that was away from the list', () => {
    const { pool, candidate, setState } = poolOf([A, B], { settings });
    for (const state of ['disabled', 'draining'] as const) {
      setState(A, state);
      setState(A, 'enabled');
      assert.deepEqual([candidate(A).weight, candidate(B).weight], [5, 100], state);
    }
    setState(A, 'draining');
    pool.update([specOf(B), specOf(A, { state: 'enabled' })]);
    pool.update([specOf(A)]);
    pool.update([specOf(A), specOf(B)]);
    assert.equal(candidate(B).weight, 1);
  });

  test('it ends when the backend goes down, and no timer is left', () => {
    const { checks, clock, candidate } = poolOf([A, B], { settings });
    checks.find(`${A}:80`, false);
    checks.find(`${A}:80`, true);
    checks.find(`${A}:80`, false);
    assert.deepEqual([clock.timers, candidate(B).weight], [0, 1]);
  });

  test('a backend that a panic kept in use has its full weight already', () => {
    const { checks, candidate } = poolOf([A, B], { settings: { ...settings, panicThreshold: 60 } });
    checks.find(`${A}:80`, false);
    checks.find(`${A}:80`, true);
    assert.equal(candidate(A).weight, 1);
  });
});
