import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { addressText, type NamedAddress } from '../../core/address.ts';
import { bindKey, parseBind } from './bind.ts';

function address(text: string): NamedAddress | undefined {
  const reading = parseBind(text);
  return 'value' in reading ? reading.value : undefined;
}

describe('a bind', () => {
  const GOOD: readonly [text: string, address: NamedAddress][] = [
    ['127.0.0.1:80', { host: '127.0.0.1', port: 80 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
    [':80', { host: '*', port: 80 }],
    ['*:80', { host: '*', port: 80 }],
    ['80', { host: '*', port: 80 }],
    [' :80 ', { host: '*', port: 80 }],
    [':0', { host: '*', port: 0 }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['[::]:80', { host: '::', port: 80 }],
    ['[::1]:65535', { host: '::1', port: 65535 }],
    ['[fe80::1%eth0]:80', { host: 'fe80::1%eth0', port: 80 }],
    [':http', { host: '*', port: 80 }],
    [':HTTPS', { host: '*', port: 443 }],
    ['web_1.example.org.:http-alt', { host: 'web_1.example.org.', port: 8080 }],
    ['unix:/run/x.sock', { path: '/run/x.sock' }],
    ['unix:/run/with blank:80', { path: '/run/with blank:80' }],
  ];
  for (const [text, expected] of GOOD) {
    test(JSON.stringify(text), () => assert.deepEqual(address(text), expected));
  }

  /** Each with where in the text the fault is shown. */
  const BAD: readonly [text: string, offset: number][] = [
    ['', 0],
    ['localhost', 0],
    ['  localhost:99999', 12],
    ['localhost:', 10],
    [':-1', 1],
    [':80a', 1],
    [':8000-8010', 1],
    ['::1', 0],
    ['::1:80', 0],
    ['[::1]', 0],
    ['[::1]80', 0],
    ['[::x]:80', 1],
    ['300.0.0.1:80', 0],
    ['a b:80', 0],
    ['tcp://a:80', 0],
    ['unix:', 5],
    ['unix:x', 5],
    ['unix:@x', 5],
  ];
  for (const [text, offset] of BAD) {
    test(`not ${JSON.stringify(text)}`, () => {
      const reading = parseBind(text);
      assert.ok('faults' in reading);
      assert.equal(reading.faults[0]?.offset ?? 0, offset);
      assert.equal(reading.faults[0]?.code, 'TSLB_CONFIG_BIND');
    });
  }

  test('is read back from its own text', () => {
    const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('*', 'localhost', 'a-b.example'));
    fc.assert(
      fc.property(host, fc.nat(65535), (host, port) => {
        assert.deepEqual(address(addressText({ host, port })), { host, port });
      }),
    );
  });

  test('no text makes the parser throw', () => {
    const characters = fc.stringMatching(/^(unix:|\[)?[\]:.*%/@ 0-9a-f-]*$/);
    fc.assert(fc.property(fc.oneof(fc.string(), characters), (text) => void parseBind(text)));
  });
});

describe('the same bind', () => {
  function key(text: string): string | undefined {
    const bind = address(text);
    return bind && bindKey(bind);
  }

  test('however it is written', () => {
    assert.equal(key(':80'), key('80'));
    assert.equal(key('*:80'), key('0.0.0.0:http'));
    assert.equal(key('[::]:80'), key(':80'));
    assert.equal(key('[::1]:80'), key('[0:0::1]:80'));
    assert.equal(key('Localhost:80'), key('localhost:80'));
  });

  test('is not another address or port', () => {
    const keys = [':80', ':81', '127.0.0.1:80', '[::1]:80', 'unix:/a', 'unix:/b'].map(key);
    assert.equal(new Set(keys).size, keys.length);
  });

  test('counts with port 0 too: what the kernel chooses is known by the bind', () =>
    assert.equal(key(':0'), key('*:0')));
});
