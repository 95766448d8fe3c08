import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { clientOf } from '../../test/helpers/fakes/test-capacity.ts';
import { ALLOW_ALL, isAllowed, type AccessRule } from './rules.ts';

/** `allow 10.0.0.0/8` as the config's reader makes it. */
function rule(text: string): AccessRule {
  const [action, network = ''] = text.split(' ');
  const [address, length] = ipaddr.parseCIDR(network.includes('/') ? network : `${network}/32`);
  const isIPv4 = address instanceof ipaddr.IPv4;
  const base = isIPv4 ? address.toIPv4MappedAddress() : address;
  return { allow: action === 'allow', base: Uint8Array.from(base.toByteArray()), bits: length + (isIPv4 ? 96 : 0) };
}

function allows(defaultAllow: boolean, rules: readonly string[], client?: string): boolean {
  return isAllowed({ defaultAllow, rules: rules.map(rule) }, clientOf(client));
}

test('the first match decides, else the default', () => {
  const rules = ['deny 10.0.0.7', 'allow 10.0.0.0/8', 'deny 10.0.0.8', 'deny 2001:db8::/33'];
  for (const [client, expected] of [
    ['10.0.0.7', false],
    ['::ffff:10.0.0.7', false],
    ['10.0.0.8', true],
    ['::ffff:10.255.255.255', true],
    ['11.0.0.0', true],
    ['2001:db8:7fff::1', false],
    ['2001:db8:8000::1', true],
  ] as const) {
    assert.equal(allows(true, rules, client), expected, client);
  }
  assert.equal(allows(false, rules, '11.0.0.0'), false);
});

test('a network of each family is for clients of its own family', () => {
  assert.equal(allows(false, ['allow ::/0'], '192.0.2.1'), false);
  assert.equal(allows(false, ['allow ::/0'], '::ffff:192.0.2.1'), false);
  assert.equal(allows(false, ['allow ::/0'], '::1'), true);
  assert.equal(allows(false, ['allow 0.0.0.0/0'], '::1'), false);
  assert.equal(allows(false, ['allow 0.0.0.0/0'], '::ffff:192.0.2.1'), true);
});

test('a client on a unix socket matches no rule', () => {
  assert.equal(allows(true, ['deny 0.0.0.0/0', 'deny ::/0']), true);
  assert.equal(allows(false, ['allow 0.0.0.0/0', 'allow ::/0']), false);
});

test('without rules everybody is allowed', () => {
  assert.equal(isAllowed(ALLOW_ALL, clientOf('192.0.2.1')), true);
});

test('a rule matches the addresses that ipaddr.js finds in its network', () => {
  // ipaddr.js takes the obsolete ::a.b.c.d for ::ffff:a.b.c.d; nobody else does.
  const ipV6 = fc.ipV6().filter((ip) => !/^::\d+\./.test(ip));
  const near = fc.constantFrom(
    '10.0.0.1',
    '10.0.0.2',
    '10.128.0.1',
    '::ffff:10.0.0.1',
    'fd00::1',
    'fd00::2',
    'fd00:8::',
  );
  const client = fc.oneof(near, fc.ipV4(), ipV6);
  const network = fc.oneof(
    fc.tuple(fc.oneof(fc.constant('10.0.0.1'), fc.ipV4()), fc.nat(32)),
    fc.tuple(fc.oneof(fc.constant('fd00::1'), ipV6), fc.nat(128)),
  );
  fc.assert(
    fc.property(client, network, (ip, [base, bits]) => {
      // ::ffff:… as a network of IPv6 is an IPv4 network here, and nothing that anybody writes.
      fc.pre(!ipaddr.parse(base).toString().startsWith('::ffff:'));
      const who = ipaddr.process(ip);
      const [address, length] = ipaddr.parseCIDR(`${base}/${bits}`);
      const expected = who.kind() === address.kind() && who.match(address, length);
      assert.equal(allows(false, [`allow ${base}/${bits}`], ip), expected);
    }),
    { numRuns: 500 },
  );
});
