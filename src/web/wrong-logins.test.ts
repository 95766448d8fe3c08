import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../test/helpers/fakes/fake-clock.ts';
import { WrongLogins } from './wrong-logins.ts';

function wrong(logins: WrongLogins, client: string, times: number): void {
  for (let each = 0; each < times; each++) logins.add(client);
}

test('ten in a row are free, and then one each six seconds', () => {
  const clock = new FakeClock();
  const logins = new WrongLogins(clock);
  wrong(logins, '192.0.2.1', 9);
  assert.equal(logins.waitMs('192.0.2.1'), 0);
  wrong(logins, '192.0.2.1', 1);
  assert.equal(logins.waitMs('192.0.2.1'), 6_000);
  assert.equal(logins.waitMs('192.0.2.2'), 0);
  clock.advance(5_000);
  assert.equal(logins.waitMs('192.0.2.1'), 1_000);
  clock.advance(1_000);
  assert.equal(logins.waitMs('192.0.2.1'), 0);
  wrong(logins, '192.0.2.1', 1);
  assert.equal(logins.waitMs('192.0.2.1'), 6_000);
  clock.advance(3_600_000);
  wrong(logins, '192.0.2.1', 9);
  assert.equal(logins.waitMs('192.0.2.1'), 0);
});

test('all addresses of an IPv6 network of 64 bits are one', () => {
  const logins = new WrongLogins(new FakeClock());
  for (let host = 1; host <= 10; host++) logins.add(`2001:db8:0:1::${host}`);
  assert.ok(logins.waitMs('2001:db8:0:1:9:9:9:9') > 0);
  assert.equal(logins.waitMs('2001:db8:0:2::1'), 0);
  wrong(logins, '::1', 10);
  assert.ok(logins.waitMs('::2') > 0);
  wrong(logins, 'fe80::1%eth0', 10);
  assert.ok(logins.waitMs('fe80::2%eth0') > 0);
});

test('what is remembered is bounded, the oldest goes first', () => {
  const logins = new WrongLogins(new FakeClock());
  wrong(logins, '10.0.0.1', 10);
  wrong(logins, '10.0.0.2', 10);
  for (let each = 0; each < 4_094; each++) logins.add(`10.1.${each >> 8}.${each & 255}`);
  logins.add('10.0.0.1');
  logins.add('10.2.0.1');
  assert.ok(logins.waitMs('10.0.0.1') > 0);
  assert.equal(logins.waitMs('10.0.0.2'), 0);
});

test('a flood of addresses is a few lines of the log', () => {
  const clock = new FakeClock();
  const logins = new WrongLogins(clock);
  const said = () => Array.from({ length: 1_000 }, (_, each) => logins.add(`10.1.${each >> 8}.${each & 255}`));
  assert.equal(said().filter(Boolean).length, 10);
  clock.advance(60_000);
  assert.equal(said().filter(Boolean).length, 1);
});
