import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NO_SUCH_SOURCE, shortageAtPath, shortageOfError, shortageTowards } from './shortage.ts';

test('ports, descriptors, memory and rules of this host are its own want, whatever the peer is', () => {
  for (const [code, shortage] of [
    ['EADDRNOTAVAIL', 'ports'],
    ['EADDRINUSE', 'ports'],
    ['EAGAIN', 'ports'],
    [NO_SUCH_SOURCE, 'source_address'],
    ['EMFILE', 'descriptors'],
    ['ENFILE', 'descriptors'],
    ['ENOMEM', 'memory'],
    ['ENOBUFS', 'memory'],
    ['EPERM', 'permission'],
    ['EACCES', 'permission'],
  ] as const) {
    assert.equal(shortageTowards(code, '10.0.0.1'), shortage, code);
  }
});

test('what a peer or the network says is no want of this host', () => {
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', '']) {
    assert.equal(shortageTowards(code, '10.0.0.1'), undefined, code);
  }
});

test('a unix socket has no ports, and says by EACCES and EAGAIN what concerns its server', () => {
  for (const code of ['EACCES', 'EPERM', 'EAGAIN', 'ENOENT', 'ECONNREFUSED']) {
    assert.equal(shortageAtPath(code), undefined, code);
  }
  assert.equal(shortageAtPath('EMFILE'), 'descriptors');
});

test('a program that cannot be started for want of processes', () => {
  const spawned = (code: string) => Object.assign(new Error(code), { code, syscall: 'spawn sh' });
  assert.deepEqual(
    ['EAGAIN', 'ENOMEM', 'EACCES', 'ENOENT'].map((code) => shortageOfError(spawned(code))),
    ['processes', 'memory', undefined, undefined],
  );
});
