import assert from 'node:assert/strict';
import test from 'node:test';

import { attemptDelayMs, SilentAddresses } from './happy-eyeballs.ts';

const [a, b, c] = ['192.0.2.1', '192.0.2.2', '2001:db8::3'].map((ip) => ({ ip, port: 80 })) as [Ip, Ip, Ip];
interface Ip {
  ip: string;
  port: number;
}

test('an attempt is given 250 ms, or its share of a time that is shorter', () => {
  assert.equal(attemptDelayMs(0, 1), 250);
  assert.equal(attemptDelayMs(5_000, 1), 250);
  assert.equal(attemptDelayMs(200, 1), 100);
  assert.equal(attemptDelayMs(200, 3), 50);
  assert.equal(attemptDelayMs(0.1, 9), 1);
});

test('an address that was silent is tried last, and for a minute only', () => {
  const silent = new SilentAddresses();
  const addresses = [a, b, c];
  assert.equal(silent.inOrder(addresses, 0), addresses);
  silent.noteSilent(a, 1_000);
  assert.deepEqual(silent.inOrder(addresses, 1_000), [b, c, a]);
  assert.deepEqual(silent.inOrder(addresses, 60_999), [b, c, a]);
  assert.equal(silent.inOrder(addresses, 61_000), addresses);
  assert.ok(silent.isEmpty);
});

test('the time of an address that is silent again begins anew', () => {
  const silent = new SilentAddresses();
  silent.noteSilent(a, 0);
  silent.noteSilent(b, 10_000);
  silent.noteSilent(a, 50_000);
  assert.deepEqual(silent.inOrder([a, b, c], 80_000), [b, c, a]);
});

test('an address that answers is in its place again, and so are they where all are silent', () => {
  const silent = new SilentAddresses();
  silent.noteSilent(a, 0);
  silent.noteAnswer(a);
  assert.ok(silent.isEmpty);
  const addresses = [a, b];
  for (const address of addresses) silent.noteSilent(address, 0);
  assert.equal(silent.inOrder(addresses, 0), addresses);
});

test('the same host at another port is another address', () => {
  const silent = new SilentAddresses();
  silent.noteSilent(a, 0);
  const others = [{ ...a, port: 81 }, b];
  assert.equal(silent.inOrder(others, 0), others);
});
