import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../test/helpers/fakes/fake-clock.ts';
import { LONGEST_TIMER_MS, systemClock } from './clock.ts';

test('the system clock does not go back', () => {
  const first = systemClock.now();
  assert.ok(systemClock.now() >= first);
});

test('timers of the system clock run in order, and not once they are cancelled', async (t) => {
  // Its timers do not keep the process alive.
  const hold = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(hold));
  const ran: string[] = [];
  systemClock.after(0, () => ran.push('cancelled')).cancel();
  await new Promise<void>((resolve) => {
    const every = systemClock.every(1, () => {
      if (ran.push('every') < 3) return;
      every.cancel();
      systemClock.after(5, resolve);
    });
  });
  assert.deepEqual(ran, ['every', 'every', 'every']);
});

test('a time that setTimeout cannot count does not fire at once', () => {
  const timers: number[] = [];
  const { setTimeout: real } = globalThis;
  const fake = (_run: () => void, ms?: number) => {
    timers.push(ms ?? 0);
    return real(() => {}, 0);
  };
  globalThis.setTimeout = fake as typeof globalThis.setTimeout;
  try {
    systemClock.after(LONGEST_TIMER_MS + 1, () => {}).cancel();
    systemClock.after(Infinity, () => {}).cancel();
  } finally {
    globalThis.setTimeout = real;
  }
  assert.deepEqual(timers, [LONGEST_TIMER_MS, LONGEST_TIMER_MS]);
});

test('the fake clock of the tests runs what is due in the order of time', () => {
  const clock = new FakeClock(100);
  const ran: string[] = [];
  const say = (text: string) => () => void ran.push(`${text} ${clock.now()}`);
  clock.after(30, say('late'));
  clock.after(10, say('first'));
  clock.after(10, say('second'));
  const every = clock.every(20, say('every'));
  clock.after(10, () => void clock.after(5, say('nested')));
  clock.after(25, say('never')).cancel();
  assert.equal(clock.nextInMs, 10);
  clock.advance(40);
  assert.deepEqual(ran, ['first 110', 'second 110', 'nested 115', 'every 120', 'late 130', 'every 140']);
  assert.equal(clock.now(), 140);
  every.cancel();
  assert.deepEqual([clock.timers, clock.nextInMs], [0, undefined]);
  assert.throws(() => clock.every(0, () => {}), RangeError);
});
