import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { isLocal } from './local.ts';

describe('only this machine can reach', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', 'localhost', 'LocalHost', 'api.localhost.'])
    test(host, () => {
      assert.ok(isLocal({ host, port: 80 }));
    });

  test('a unix socket', () => {
    assert.ok(isLocal({ path: '/run/tslb.sock' }));
  });
});

describe('others can reach, or may', () => {
  for (const host of [
    '*',
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '2001:db8::1',
    '::ffff:10.0.0.1',
    'example.org',
    'notlocalhost',
  ])
    test(host, () => {
      assert.ok(!isLocal({ host, port: 80 }));
    });
});
