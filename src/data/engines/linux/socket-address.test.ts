import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import { test } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { encodeAddress, isSameEndpoint, encodedAddress, familyOf, clientAddressIn, portOf } from './socket-address.ts';

const port = fc.integer({ min: 0, max: 65_535 });
// ipaddr.js takes the obsolete ::a.b.c.d for ::ffff:a.b.c.d; inet_pton(3) and we do not.
const ipV6 = fc.ipV6().filter((ip) => !/^::\d+\./.test(ip));

test('an address comes back as it was put in', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), ipV6), port, (ip, number) => {
      const bytes = encodeAddress({ ip, port: number });
      const expected = [...ipaddr.parse(ip).toByteArray(), number >> 8, number & 0xff];
      assert.deepEqual([...Buffer.from(clientAddressIn(bytes), 'latin1')], expected);
      assert.equal(portOf(bytes), number);
      assert.equal(bytes.length, ip.includes(':') ? 28 : 16);
      assert.equal(familyOf({ ip, port: number }), ip.includes(':') ? 'ipv6' : 'ipv4');
    }),
  );
});

test('the wildcard is that of IPv6', () => {
  const bytes = encodeAddress({ ip: '*', port: 80 });
  assert.equal(familyOf({ ip: '*', port: 80 }), 'ipv6');
  assert.deepEqual([...bytes.subarray(8, 24)], Array(16).fill(0));
});

test('the family stands in the byte order of the machine', () => {
  const read = (bytes: Buffer) => (endianness() === 'LE' ? bytes.readUInt16LE(0) : bytes.readUInt16BE(0));
  const families = [{ path: '/run/x' }, { ip: '127.0.0.1', port: 1 }, { ip: '::1', port: 1 }].map(encodeAddress);
  assert.deepEqual(families.map(read), [1, 2, 10]);
});

test('the zone of a link-local address is the number of its interface', () => {
  const zoneOf = (ip: string) => encodeAddress({ ip, port: 1 }).readUInt32LE(24);
  assert.equal(zoneOf('fe80::1'), 0);
  assert.equal(zoneOf('fe80::1%none'), 0);
  if (endianness() === 'LE') assert.equal(zoneOf('fe80::1%7'), 7);
});

test('a path is closed by a zero, and has neither address nor port', () => {
  const bytes = encodeAddress({ path: '/run/ä.sock' });
  assert.equal(bytes.subarray(2).toString(), '/run/ä.sock\0');
  assert.equal(clientAddressIn(bytes), '');
});

test('an address is encoded once, but one with a zone each time', () => {
  const encoded = (ip: string) => {
    const address = { ip, port: 1 };
    assert.deepEqual(encodedAddress(address), encodeAddress(address));
    return encodedAddress(address) === encodedAddress(address);
  };
  assert.deepEqual(['127.0.0.1', '::1', 'fe80::1%lo'].map(encoded), [true, true, false]);
});

test('a socket that has the address and port that it dials is connected to itself', () => {
  const at = (ip: string, port = 50_000) => encodeAddress({ ip, port });
  for (const [local, dialled, isSame] of [
    [at('127.0.0.1'), at('127.0.0.1'), true],
    [at('127.0.0.1'), at('127.0.0.1', 50_256), false],
    [at('127.0.0.1'), at('127.0.0.1', 50_001), false],
    [at('10.0.0.1'), at('10.0.0.2'), false],
    [at('::1'), at('::1'), true],
    [at('fd00::1'), at('fd00::2'), false],
    [at('::ffff:127.0.0.1'), at('::ffff:127.0.0.1'), true],
    // The kernel takes a wildcard for this host.
    [at('127.0.0.1'), at('0.0.0.0'), true],
    [at('::1'), at('::'), true],
    [at('127.0.0.1'), at('0.0.0.0', 50_001), false],
  ] as const) {
    assert.equal(isSameEndpoint(local, dialled), isSame, `${local.toString('hex')} ${dialled.toString('hex')}`);
  }
});
