import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { accessSchema, parseAccessRule } from './schema.ts';

function ruleText(text: string): string | undefined {
  const reading = parseAccessRule(text);
  if ('faults' in reading) return undefined;
  const { allow, base, bits } = reading.value;
  return `${allow ? 'allow' : 'deny'} ${Buffer.from(base).toString('hex')}/${bits}`;
}

describe('an access rule', () => {
  const MAPPED = '00000000000000000000ffff';
  const GOOD: readonly [text: string, rule: string][] = [
    ['allow 10.1.2.3', `allow ${MAPPED}0a010203/128`],
    ['deny 10.1.2.3/8', `deny ${MAPPED}0a000000/104`],
    ['deny 10.255.2.3/9', `deny ${MAPPED}0a800000/105`],
    ['allow 0.0.0.0/0', `allow ${MAPPED}00000000/96`],
    ['  allow \t ::1  ', `allow ${'0'.repeat(31)}1/128`],
    ['allow 2001:db8:ffff::/33', `allow 20010db880${'0'.repeat(22)}/33`],
    ['allow ::/0', `allow ${'0'.repeat(32)}/0`],
    ['allow ::ffff:10.1.2.3/104', `allow ${MAPPED}0a000000/104`],
  ];
  for (const [text, rule] of GOOD) {
    test(JSON.stringify(text), () => assert.equal(ruleText(text), rule));
  }

  const BAD = [
    ['', 0],
    ['allow', 5],
    ['permit 10.0.0.1', 0],
    [' Allow 10.0.0.1', 1],
    ['allow 10.0.0', 6],
    ['allow 010.0.0.1', 6],
    ['allow 0x7f.1', 6],
    ['allow localhost', 6],
    ['allow [::1]', 6],
    ['allow fe80::1%eth0', 6],
    ['allow 10.0.0.1/33', 15],
    ['allow ::/129', 9],
    ['allow 10.0.0.0/', 15],
    ['allow 10.0.0.0/8/8', 15],
    ['allow 10.0.0.1 10.0.0.2', 15],
  ] as const;
  for (const [text, offset] of BAD) {
    test(`not ${JSON.stringify(text)}`, () => {
      const reading = parseAccessRule(text);
      assert.ok('faults' in reading);
      assert.equal(reading.faults[0]?.offset ?? 0, offset);
    });
  }

  test('no text makes the parser throw', () => {
    const junk = fc.stringMatching(/^(allow|deny) [0-9a-f:./%]*$/);
    fc.assert(fc.property(fc.oneof(fc.string(), junk), (text) => void parseAccessRule(text)));
  });

  test('of any network keeps no bits beyond its prefix', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, prefix) => {
        const reading = parseAccessRule(`deny ${address}/${prefix}`);
        assert.ok('value' in reading);
        const { base, bits } = reading.value;
        const number = Buffer.from(base).readUInt32BE(12);
        const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
        assert.equal(bits, 96 + prefix);
        assert.equal((number & ~mask) >>> 0, 0);
      }),
    );
  });
});

test('the table has defaults', () => {
  assert.deepEqual(accessSchema.parse({}), { defaultAllow: true, rules: [] });
  assert.equal(accessSchema.parse({ default: 'deny' }).defaultAllow, false);
});
