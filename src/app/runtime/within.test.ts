import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock, turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { within } from './within.ts';

const never = new Promise<void>(() => {});

/** A signal that tells who still listens to it. */
function countingSignal() {
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  return { controller, signal, listeners: () => listeners };
}

test('work that is done in time is waited for, and the timer goes', async () => {
  const clock = new FakeClock();
  const { signal, listeners } = countingSignal();
  let finish = (): void => {};
  const work = new Promise<void>((resolve) => (finish = resolve));
  const waiting = within(1_000, clock, work, signal);
  clock.advance(999);
  finish();
  assert.equal(await waiting, true);
  assert.deepEqual([clock.timers, listeners()], [0, 0]);
});

test('it gives up when the time is over', async () => {
  const clock = new FakeClock();
  const { signal, listeners } = countingSignal();
  const waiting = within(1_000, clock, never, signal);
  let isSettled = false;
  void waiting.then(() => (isSettled = true));
  clock.advance(999);
  await turn();
  assert.ok(!isSettled);
  clock.advance(1);
  assert.equal(await waiting, false);
  assert.deepEqual([clock.timers, listeners()], [0, 0]);
});

test('it gives up at the signal, also at one of before', async () => {
  const clock = new FakeClock();
  const { controller, signal, listeners } = countingSignal();
  const waiting = within(1_000, clock, never, signal);
  controller.abort();
  assert.equal(await waiting, false);
  assert.equal(await within(1_000, clock, never, signal), false);
  assert.deepEqual([clock.timers, listeners()], [0, 0]);
});

test('work that fails makes it fail, and leaves no timer and no listener', async () => {
  const clock = new FakeClock();
  const { signal, listeners } = countingSignal();
  await assert.rejects(within(1_000, clock, Promise.reject(new Error('broken')), signal), /broken/);
  assert.deepEqual([clock.timers, listeners()], [0, 0]);
});

test('work that fails after the time is over has no effect', async () => {
  const clock = new FakeClock();
  let fail = (_error: Error): void => {};
  const work = new Promise<void>((_, reject) => (fail = reject));
  const waiting = within(10, clock, work);
  clock.advance(10);
  assert.equal(await waiting, false);
  fail(new Error('late'));
  await turn();
});
