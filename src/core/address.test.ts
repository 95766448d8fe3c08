import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addressText, type NamedAddress, type SocketAddress } from './address.ts';
import { backendKey } from './backend.ts';

const TEXTS: readonly (readonly [SocketAddress | NamedAddress, string])[] = [
  [{ ip: '127.0.0.1', port: 80 }, '127.0.0.1:80'],
  [{ ip: '::1', port: 80 }, '[::1]:80'],
  [{ ip: 'fe80::1%eth0', port: 0 }, '[fe80::1%eth0]:0'],
  [{ ip: '*', port: 80 }, '*:80'],
  [{ host: 'web.internal', port: 8080 }, 'web.internal:8080'],
  [{ host: '2001:db8::7', port: 65535 }, '[2001:db8::7]:65535'],
  [{ path: '/run/x.sock' }, 'unix:/run/x.sock'],
];

test('an address reads as people write it', () => {
  for (const [address, text] of TEXTS) assert.equal(addressText(address), text);
});

test('what identifies a backend is its target alone', () => {
  const target = { host: 'a', port: 1 };
  const light = { target, weight: 1, priority: 1, maxConnections: 0 };
  const heavy = { ...light, weight: 9, priority: 2, maxConnections: 5 };
  assert.equal(backendKey(light), backendKey(heavy));
  assert.equal(backendKey(light), 'a:1');
});
