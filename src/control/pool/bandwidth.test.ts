import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { ServerLedger } from '../../ledger/server-ledger.ts';
import { ThreadLedger } from '../../ledger/thread-ledger.ts';
import { Bandwidth } from './bandwidth.ts';

const WINDOW_MS = 2_000;

/** A ledger with a few backends, a thread that counts, and the rates that threads then see. */
function measured(backends: number) {
  const clock = new FakeClock(12_345);
  const ledger = new ServerLedger();
  const slots = Array.from({ length: backends }, () => ledger.allocate());
  const thread = new ThreadLedger(ledger.open(0));
  const bandwidth = new Bandwidth(ledger, () => slots, clock);
  const rates = () => slots.map((slot) => thread.bandwidth(slot));
  return { clock, ledger, slots, thread, bandwidth, rates };
}

test('the rate of a backend is what it moved in the last window, both ways, a second', () => {
  const { clock, thread, bandwidth, rates } = measured(2);
  bandwidth.start();
  thread.countBackend(0, 'rx', 3_000);
  thread.countBackend(0, 'tx', 1_000);
  clock.advance(WINDOW_MS - 1);
  assert.deepEqual(rates(), [0, 0]);
  clock.advance(1);
  assert.deepEqual(rates(), [2_000, 0]);
  thread.countBackend(1, 'tx', 10);
  clock.advance(WINDOW_MS);
  assert.deepEqual(rates(), [0, 5], 'it is forgotten after one window');
});

test('what was moved before the measuring began is no rate', () => {
  const { clock, thread, bandwidth, rates } = measured(1);
  thread.countBackend(0, 'rx', 1e12);
  bandwidth.start();
  clock.advance(WINDOW_MS);
  assert.deepEqual(rates(), [0]);
});

test('a backend that comes later has no rate until a window has passed', () => {
  const { clock, ledger, slots, thread, bandwidth, rates } = measured(1);
  bandwidth.start();
  clock.advance(WINDOW_MS);
  slots.push(ledger.allocate());
  thread.countBackend(1, 'rx', 8_000);
  clock.advance(WINDOW_MS);
  assert.deepEqual(rates(), [0, 0]);
  thread.countBackend(1, 'rx', 8_000);
  clock.advance(WINDOW_MS);
  assert.deepEqual(rates(), [0, 4_000]);
});

test('a slot that another backend got begins anew, and never has a negative rate', () => {
  const { clock, ledger, thread, bandwidth, rates } = measured(1);
  bandwidth.start();
  thread.countBackend(0, 'rx', 8_000);
  clock.advance(WINDOW_MS);
  assert.deepEqual(rates(), [4_000]);
  ledger.release(0);
  assert.equal(ledger.allocate(), 0);
  thread.countBackend(0, 'rx', 100);
  clock.advance(WINDOW_MS);
  assert.deepEqual(rates(), [0]);
  thread.countBackend(0, 'rx', 100);
  clock.advance(WINDOW_MS);
  assert.deepEqual(rates(), [50]);
});

test('a reset of what was counted is no change of a rate', () => {
  const { clock, ledger, thread, bandwidth, rates } = measured(1);
  bandwidth.start();
  thread.countBackend(0, 'rx', 8_000);
  clock.advance(WINDOW_MS);
  thread.countBackend(0, 'rx', 2_000);
  ledger.reset();
  thread.countBackend(0, 'rx', 2_000);
  clock.advance(WINDOW_MS);
  assert.deepEqual([rates(), ledger.backendTotals(0).rx], [[2_000], 2_000]);
});

test('a window that came late is divided by the time it took', () => {
  let tick: () => void = () => {};
  let now = 0;
  const clock = {
    now: () => now,
    date: () => now,
    after: () => ({ cancel: () => {} }),
    every: (_ms: number, run: () => void) => ((tick = run), { cancel: () => {} }),
  };
  const { ledger, slots, thread, rates } = measured(1);
  new Bandwidth(ledger, () => slots, clock).start();
  thread.countBackend(0, 'tx', 1_000);
  now = 10_000;
  tick();
  assert.deepEqual(rates(), [100]);
});

test('it runs once however often it is started, and not after its stop', () => {
  const { clock, thread, bandwidth, rates } = measured(1);
  bandwidth.stop();
  bandwidth.start();
  bandwidth.start();
  assert.equal(clock.timers, 1);
  bandwidth.stop();
  bandwidth.stop();
  assert.equal(clock.timers, 0);
  thread.countBackend(0, 'rx', 5_000);
  bandwidth.start();
  clock.advance(WINDOW_MS);
  assert.deepEqual(rates(), [0], 'what was moved while it stood is no rate');
});
