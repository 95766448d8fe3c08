import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { clientAddressOf, clientAddressText, readClientIp } from './client-address.ts';
import { parseIp } from './ip.ts';

test('an address comes back as it was put in', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(65_535), (ip, port) => {
      const bytes = new Uint8Array(16);
      const length = parseIp(ip, bytes);
      const context = { ip: new Uint8Array(16), ipLength: 0 as 0 | 4 | 16 };
      readClientIp(clientAddressOf(ip, port), context);
      assert.equal(context.ipLength, length);
      assert.deepEqual(context.ip.subarray(0, length), bytes.subarray(0, length));
    }),
  );
});

test('its text is what people read', () => {
  const TEXTS = [
    ['192.0.2.1', '192.0.2.1:5000'],
    ['::ffff:192.0.2.1', '192.0.2.1:5000'],
    ['2001:db8::1', '[2001:db8::1]:5000'],
    ['fe80::1%eth0', '[fe80::1]:5000'],
    ['', 'unix:'],
  ] as const;
  for (const [ip, text] of TEXTS) assert.equal(clientAddressText(clientAddressOf(ip, 5_000)), text);
});
