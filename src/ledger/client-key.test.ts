import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { parseIp } from '../wire/ip.ts';
import { ClientKey } from './client-key.ts';

function keyOf(address: string, bits = 64): string {
  const ip = new Uint8Array(16);
  const key = new ClientKey();
  key.countOf(bits);
  key.read(ip, parseIp(address, ip));
  return key.words.join();
}

test('IPv6 addresses of one network are one client, those of the next one another', () => {
  assert.equal(keyOf('2001:db8:0:1::1'), keyOf('2001:db8:0:1:ffff:ffff:ffff:ffff'));
  assert.notEqual(keyOf('2001:db8:0:1::1'), keyOf('2001:db8:0:2::1'));
});

test('IPv4 addresses are clients of their own whatever the prefix, in both forms', () => {
  for (const bits of [1, 64, 128]) {
    assert.equal(keyOf('192.0.2.1', bits), keyOf('::ffff:192.0.2.1', bits));
    assert.notEqual(keyOf('192.0.2.1', bits), keyOf('192.0.2.2', bits));
    assert.notEqual(keyOf('192.0.2.1', bits), keyOf('::1', bits));
  }
});

const WHOLE = [
  ['hosts of one link', 'fe80::1', 'fe80::2', 'febf::1'],
  ['translated IPv4 clients', '64:ff9b::192.0.2.1', '64:ff9b::192.0.2.2', '64:ff9b:1::192.0.2.1'],
] as const;

for (const [which, ...addresses] of WHOLE) {
  test(`${which} are clients of their own whatever the prefix`, () => {
    for (const bits of [1, 48, 64, 128]) assert.equal(new Set(addresses.map((one) => keyOf(one, bits))).size, 3);
  });
}

test('the networks beside those count by the prefix', () => {
  for (const network of ['fec0::', 'fe7f::', '64:ff9c::', '65:ff9b::']) {
    assert.equal(keyOf(`${network}1`), keyOf(`${network}2`), network);
  }
});

test('exactly the leading bits count', () => {
  const address = fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => Uint8Array.of(0x20, ...bytes.subarray(1)));
  fc.assert(
    fc.property(address, fc.integer({ min: 0, max: 127 }), fc.integer({ min: 1, max: 128 }), (ip, bit, bits) => {
      const key = new ClientKey();
      key.countOf(bits);
      key.read(ip, 16);
      const before = key.words.join();
      const other = Uint8Array.from(ip);
      other[bit >> 3]! ^= 0x80 >> (bit & 7);
      key.read(other, 16);
      assert.equal(key.words.join() !== before, bit < bits);
    }),
  );
});
