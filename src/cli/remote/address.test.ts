import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseApiAddress } from './address.ts';

test('addresses are read in each of their forms', () => {
  const origin = 'http://127.0.0.1:8888';
  assert.deepEqual(parseApiAddress(origin), { text: origin, origin, base: '' });
  assert.deepEqual(parseApiAddress('127.0.0.1:8888'), { text: origin, origin, base: '' });
  assert.deepEqual(parseApiAddress(`${origin}/v1/`), { text: origin, origin, base: '' });
  assert.deepEqual(parseApiAddress('https://[::1]:9999/stats/'), {
    text: 'https://[::1]:9999/stats',
    origin: 'https://[::1]:9999',
    base: '/stats',
  });
  assert.deepEqual(parseApiAddress('https://ad%20min@lb.example'), {
    text: 'https://lb.example',
    origin: 'https://lb.example',
    base: '',
    login: 'ad min',
  });
  const unix = { text: 'unix:/run/tslb.sock', origin: 'http://localhost', base: '', socketPath: '/run/tslb.sock' };
  assert.deepEqual(parseApiAddress('unix:/run/tslb.sock'), unix);
  assert.deepEqual(parseApiAddress('unix:///run/tslb.sock'), unix);
});

test('what is no address is a usage error that names the forms', () => {
  for (const text of ['', 'ftp://a', 'http://', 'http://a:99999', '/run/tslb.sock']) {
    assert.throws(() => parseApiAddress(text), { code: 'TSLB_USAGE', message: /write http:\/\/HOST:PORT/ }, text);
  }
  assert.throws(() => parseApiAddress('unix:run.sock'), { code: 'TSLB_USAGE', message: /whole path/ });
  for (const text of ['http://%zz@h', 'http://%ff:hidden@h']) {
    assert.throws(
      () => parseApiAddress(text),
      { code: 'TSLB_USAGE', message: /^the login in "http:\/\/%[^"]+"/ },
      text,
    );
  }
  assert.throws(() => parseApiAddress('http://a/?x=1'), { code: 'TSLB_USAGE', message: /ends with its path/ });
});

test('a password in it is refused, and not repeated', () => {
  for (const text of ['http://admin:hidden@127.0.0.1:8888', 'ftp://admin:hidden@a', 'admin:hidden@a:99999']) {
    assert.throws(
      () => parseApiAddress(text),
      (thrown: Error) => !thrown.message.includes('hidden'),
    );
  }
  assert.throws(() => parseApiAddress('http://:hidden@a'), { code: 'TSLB_USAGE', message: /TSLB_PASSWORD/ });
});
