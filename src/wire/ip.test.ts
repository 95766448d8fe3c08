import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { displayIp, isMappedIPv4, parseIp } from './ip.ts';

/** Its bytes, none for no address. */
function parsed(text: string): readonly number[] {
  const into = new Uint8Array(20).fill(0xee);
  const length = parseIp(text, into);
  assert.deepEqual([...into.subarray(16)], [0xee, 0xee, 0xee, 0xee], 'wrote beyond 16 bytes');
  return [...into.subarray(0, length)];
}

test('reads any address as ipaddr.js does', () => {
  const mapped = fc.ipV4().map((ip) => `::ffff:${ip}`);
  // ipaddr.js takes the obsolete ::a.b.c.d for ::ffff:a.b.c.d; inet_pton(3) and we do not.
  const ipV6 = fc.ipV6().filter((ip) => !/^::\d+\./.test(ip));
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), ipV6, mapped), (ip) => {
      assert.deepEqual(parsed(ip), ipaddr.parse(ip).toByteArray());
    }),
  );
});

test('reads every shortened form', () => {
  const groups = fc.array(fc.constantFrom(0, 0, 0, 1, 0xffff, 0xab), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(groups, (parts) => {
      const address = new ipaddr.IPv6(parts);
      for (const text of [address.toString(), address.toNormalizedString(), address.toString().toUpperCase()]) {
        assert.deepEqual(parsed(text), address.toByteArray());
      }
    }),
  );
});

test('takes for an address what Node takes for one', () => {
  const piece = fc.constantFrom(
    '0',
    '1',
    '25',
    '256',
    '01',
    'ff',
    'FFFF',
    '12345',
    'g',
    '',
    '.',
    ':',
    '::',
    '%',
    '1.2.3.4',
  );
  const junk = fc.oneof(
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(':')),
    fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('.')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(junk, (text) => {
      assert.equal(parsed(text).length, { 0: 0, 4: 4, 6: 16 }[isIP(text.replace(/%.+/s, '%scope'))], text);
    }),
    { numRuns: 2000 },
  );
});

test('reads an IPv4 address at the end of an IPv6 one, where it has its place', () => {
  assert.deepEqual(parsed('::1.2.3.4'), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
  assert.deepEqual(parsed('64:ff9b::1.2.3.4'), [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
  assert.deepEqual(parsed('1:2:3:4:5:6:1.2.3.4'), [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4]);
  for (const text of ['1:2:3:4:5:6:7:1.2.3.4', '::2:3:4:5:6:7:8:1.2.3.4', '::1.2.3.4:5', '::1.2.3']) {
    assert.deepEqual(parsed(text), []);
  }
});

test('refuses what has a group too many, a gap too many or a zero in front', () => {
  const texts = ['1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '::1:2:3:4:5:6:7:8', '1:2:3:4::5:6:7:8'];
  for (const text of [
    ...texts,
    '1::2::3',
    ':::',
    '1:::2',
    '00001::',
    '01.2.3.4',
    '1.2.3.256',
    '1.2.3.4.',
    '1.2.3.4.5',
  ]) {
    assert.deepEqual(parsed(text), [], text);
  }
  assert.equal(parsed('1:2:3:4:5:6:7::').length, 16);
  assert.equal(parsed('0.0.0.0').length, 4);
});

test('leaves a scope out', () => {
  assert.deepEqual(parsed('fe80::1%eth0'), parsed('fe80::1'));
  assert.deepEqual(parsed('fe80::1%'), []);
  assert.deepEqual(parsed('192.0.2.1%eth0'), []);
});

test('tells IPv4 in its IPv6 form', () => {
  assert.equal(isMappedIPv4(Uint8Array.from(parsed('::ffff:0.0.0.0'))), true);
  assert.equal(isMappedIPv4(Uint8Array.from(parsed('::fffe:1.2.3.4'))), false);
  assert.equal(isMappedIPv4(Uint8Array.from(parsed('100::ffff:1.2.3.4'))), false);
});

test('displays IPv4 as IPv4 and the rest as it is', () => {
  assert.equal(displayIp('::ffff:192.0.2.1'), '192.0.2.1');
  for (const text of ['192.0.2.1', '2001:db8::1', '::ffff:1', '::ffff:1.2.3', 'fe80::1%eth0', '']) {
    assert.equal(displayIp(text), text);
  }
});
