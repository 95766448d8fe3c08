import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../../test/helpers/fake-clock.ts';
import { Relays } from './relays.ts';

function counted() {
  const relay = {
    reports: 0,
    report() {
      relay.reports += 1;
    },
  };
  return relay;
}

test('every live relay reports once a second, and no timer runs while there is none', () => {
  const clock = new FakeClock();
  const relays = new Relays(clock);
  assert.equal(clock.timers, 0);
  const [one, other] = [counted(), counted()];
  relays.add(one);
  clock.advance(500);
  relays.add(other);
  assert.equal(clock.timers, 1, 'one timer for all');
  clock.advance(500);
  assert.deepEqual([one.reports, other.reports], [1, 1]);
  relays.remove(one);
  clock.advance(1_000);
  assert.deepEqual([one.reports, other.reports, clock.timers], [1, 2, 1]);
  relays.remove(other);
  relays.remove(other);
  assert.equal(clock.timers, 0);
  clock.advance(10_000);
  assert.deepEqual([one.reports, other.reports], [1, 2]);
});

test('after a pause without relays it begins again', () => {
  const clock = new FakeClock();
  const relays = new Relays(clock);
  const relay = counted();
  relays.add(relay);
  relays.remove(relay);
  clock.advance(700);
  relays.add(relay);
  clock.advance(999);
  assert.equal(relay.reports, 0);
  clock.advance(1);
  assert.equal(relay.reports, 1);
});

test('a relay that goes while it reports stops the timer', () => {
  const clock = new FakeClock();
  const relays = new Relays(clock);
  const relay = { report: () => relays.remove(relay) };
  relays.add(relay);
  clock.advance(1_000);
  assert.equal(clock.timers, 0);
});
