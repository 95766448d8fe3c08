import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../../test/helpers/fakes/fake-clock.ts';
import { PeriodicVisitor } from './periodic-visitor.ts';

interface Visited {
  visits: number;
}

function visitor(clock: FakeClock) {
  return new PeriodicVisitor<Visited>(clock, 1_000, (one) => (one.visits += 1));
}

test('every member is called on in each round, and no timer runs while there is none', () => {
  const clock = new FakeClock();
  const members = visitor(clock);
  assert.equal(clock.timers, 0);
  const [one, other] = [{ visits: 0 }, { visits: 0 }];
  members.add(one);
  clock.advance(500);
  members.add(other);
  assert.equal(clock.timers, 1, 'one timer for all');
  clock.advance(500);
  assert.deepEqual([one.visits, other.visits], [1, 1]);
  members.remove(one);
  clock.advance(1_000);
  assert.deepEqual([one.visits, other.visits, clock.timers], [1, 2, 1]);
  members.remove(other);
  members.remove(other);
  assert.equal(clock.timers, 0);
  clock.advance(10_000);
  assert.deepEqual([one.visits, other.visits], [1, 2]);
});

test('after a pause without members the visits begin again', () => {
  const clock = new FakeClock();
  const members = visitor(clock);
  const one = { visits: 0 };
  members.add(one);
  clock.advance(700);
  members.remove(one);
  members.add(one);
  clock.advance(999);
  assert.equal(one.visits, 0);
  clock.advance(1);
  assert.equal(one.visits, 1);
});

test('a member that goes when it is called on stops the timer', () => {
  const clock = new FakeClock();
  const members = new PeriodicVisitor<string>(clock, 1_000, (one) => members.remove(one));
  members.add('one');
  clock.advance(1_000);
  assert.equal(clock.timers, 0);
});
