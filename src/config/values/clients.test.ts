import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { clientAddressOf, isOf } from '../../wire/client-address.ts';
import { parseClients } from './clients.ts';

function matches(text: string, ip: string, port = 5000): boolean {
  const read = parseClients(text);
  assert.ok('value' in read, 'wrong' in read ? read.wrong : '');
  return isOf(clientAddressOf(ip, port), read.value);
}

describe('a filter of clients', () => {
  const CASES: readonly [filter: string, client: string, isMatch: boolean][] = [
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.10', false],
    ['10.0.0.1', '10.0.0.100', false],
    ['10.0.0.1', '110.0.0.1', false],
    ['10.0.0.1', '::ffff:10.0.0.1', true],
    ['::ffff:10.0.0.1', '10.0.0.1', true],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1', true],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.10', false],
    ['10.0.0.0/8', '10.255.3.4', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.0/9', '10.128.0.0', false],
    ['10.0.0.0/31', '::ffff:10.0.0.1', true],
    ['0.0.0.0/0', '192.0.2.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '192.0.2.1', false],
    ['::/0', '::ffff:192.0.2.1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:DB8::1', '2001:db8:0::1', true],
    ['2001:db8::1', '2001:db8::10', false],
    ['[2001:db8::1]', '2001:db8::1', true],
    ['10.0.0.1:5000', '10.0.0.1', true],
    ['10.0.0.1:500', '10.0.0.1', false],
    ['[2001:db8::1]:5000', '2001:db8::1', true],
    ['[2001:db8::1]:5001', '2001:db8::1', false],
    ['unix:', '10.0.0.1', false],
  ];
  for (const [filter, client, isMatch] of CASES) {
    test(`${filter} is ${isMatch ? '' : 'not '}${client}`, () => assert.equal(matches(filter, client), isMatch));
  }

  test('those on unix sockets are of no network', () => {
    assert.ok(matches('unix:', '', 0));
    assert.ok(!matches('0.0.0.0/0', '', 0));
    assert.ok(!matches('::/0', '', 0));
  });
});

describe('a filter that is wrong says what to write', () => {
  const CASES: readonly [text: string, wrong: RegExp][] = [
    ['192.0.2.', /^"192\.0\.2\." is not an IP address; write 192\.0\.2\.0\/24$/],
    ['192.0', /; write 192\.0\.0\.0\/16$/],
    ['10.*', /; write 10\.0\.0\.0\/8$/],
    ['10.0.0.1/8', /^"10\.0\.0\.1\/8" .*; write 10\.0\.0\.0\/8 for the network, or 10\.0\.0\.1 for the address alone$/],
    ['2001:db8::1/32', /; write 2001:db8::\/32 for the network/],
    ['10.0.0.0/33', /^"33" is not a prefix length of an IPv4 network; expected a number from 0 to 32$/],
    ['10.0.0.0/', /^the prefix length is missing/],
    ['fe80::1%eth0', /; leave out the zone: fe80::1$/],
    ['localhost', /^"localhost" is not an IP address; expected an address "192\.0\.2\.7"/],
    ['2001:db8:', /not an IP address; expected/],
    ['10.0.0.1:0', /is not an address and a port/],
    ['10.0.0.1:65536', /is not an address and a port/],
    ['10.0.0.0/8:80', /is not an address and a port/],
    ['[10.0.0.1]:80', /^"10\.0\.0\.1" is not an IPv6 address$/],
    ['', /is not an IP address/],
  ];
  for (const [text, wrong] of CASES) {
    test(JSON.stringify(text), () => {
      const read = parseClients(text);
      assert.ok('wrong' in read, 'it was taken');
      assert.match(read.wrong, wrong);
    });
  }

  test('no text makes it throw', () => {
    const junk = fc.stringMatching(/^[0-9a-f:./%[\]]*$/);
    fc.assert(fc.property(fc.oneof(fc.string(), junk), (text) => void parseClients(text)));
  });
});
