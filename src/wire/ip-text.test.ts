import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { ipText } from './ip-text.ts';

const group = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }) },
);

test('IPv6 as another implementation of RFC 5952 writes it', () => {
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const bytes = groups.flatMap((one) => [one >> 8, one & 0xff]);
      const other = new ipaddr.IPv6(groups);
      if (!other.isIPv4MappedAddress()) assert.equal(ipText(bytes), other.toRFC5952String());
    }),
  );
});

test('IPv4 with dots, also where it comes as IPv6', () => {
  fc.assert(
    fc.property(fc.ipV4(), (ip) => {
      const bytes = ipaddr.parse(ip).toByteArray();
      assert.equal(ipText(bytes), ip);
      assert.equal(ipText([...Array<number>(10).fill(0), 0xff, 0xff, ...bytes]), ip);
    }),
  );
});

test('edges', () => {
  const text = (ip: string) => ipText(ipaddr.parse(ip).toByteArray());
  for (const ip of ['::', '::1', '1::', 'fe80::1', '1:0:2:3:4:5:6:7', '2001:db8::1:0:0:1']) assert.equal(text(ip), ip);
});
