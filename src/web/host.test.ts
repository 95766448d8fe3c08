import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { isOwnHost } from './host.ts';

describe('names that mean this machine', () => {
  for (const host of [
    ...['127.0.0.1', '127.0.0.1:8888', '192.0.2.1:8888', '[::1]', '[::1]:8888', '[2001:db8::1]'],
    ...['localhost', 'LOCALHOST:8888', 'localhost.', 'api.localhost:80', 'own.example', 'Own.Example:8888'],
  ])
    test(host, () => {
      assert.ok(isOwnHost(host, 'own.example'));
    });
});

describe('names that may mean another site', () => {
  for (const host of [
    ...['evil.example', 'evil.example:8888', 'localhost.evil.example', 'notlocalhost', '127.0.0.1.evil.example'],
    ...['127.0.0.1:8888.evil.example', '[evil.example]', '::1.evil.example', 'x', ' ', '0x7f.1'],
  ])
    test(host, () => {
      assert.ok(!isOwnHost(host, 'own.example'));
      assert.ok(!isOwnHost(host, undefined));
    });
});
