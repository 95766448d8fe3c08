import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Inconclusive } from '../../core/healthcheck.ts';
import { findingOf } from './finding.ts';

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${syscall} ${code} 127.0.0.1:80`), { code, syscall });
}

test('an error of the system reads as an operator would say it', () => {
  for (const [code, syscall, reason] of [
    ['ECONNREFUSED', 'connect', 'connection refused'],
    ['ENOENT', 'connect', 'no such socket'],
    ['ENOENT', 'spawn /x', 'no such program'],
    ['EACCES', 'spawn /x', 'the program may not be run'],
    ['ENOTFOUND', 'getaddrinfo', 'name not found'],
    ['EAGAIN', 'connect', 'connect EAGAIN 127.0.0.1:80'],
    ['EWHAT', 'connect', 'connect EWHAT 127.0.0.1:80'],
  ] as const)
    assert.deepEqual(findingOf(systemError(code, syscall)), { outcome: 'failed', reason });
});

test('an error of TLS has the reason alone, without the source lines of OpenSSL', () => {
  const message = '80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl3_record.c:350:\n';
  const error = Object.assign(new Error(message), {
    code: 'ERR_SSL_WRONG_VERSION_NUMBER',
    reason: 'wrong version number',
  });
  assert.equal(findingOf(error).reason, 'no TLS: wrong version number');
});

test('what this host lacks is no fault of the backend, and is said as what it is', () => {
  for (const [code, syscall, shortage, port] of [
    ['EMFILE', 'connect', 'descriptors'],
    ['ENFILE', 'spawn sh', 'descriptors'],
    ['ENOMEM', 'spawn sh', 'memory'],
    ['EAGAIN', 'spawn sh', 'processes'],
    ['EADDRNOTAVAIL', 'connect', 'ports', 80],
    ['EADDRINUSE', 'connect', 'ports', 80],
    ['EAGAIN', 'connect', 'ports', 53],
    ['EADDRNOTAVAIL', 'bind', 'source_address'],
    ['EPERM', 'send', 'permission'],
    ['EACCES', 'connect', 'permission', 80],
  ] as const) {
    const found = findingOf(Object.assign(systemError(code, syscall), port && { port, address: '127.0.0.1' }));
    const about = port === undefined ? {} : { about: `127.0.0.1:${port}` };
    assert.deepEqual([found.outcome, found.lack], ['inconclusive', { shortage, code, ...about }], `${syscall} ${code}`);
    assert.match(found.reason, new RegExp(`\\(${code}\\)$`));
  }
});

test('a check that says neither, and one that is late', () => {
  assert.deepEqual(findingOf(new Inconclusive('what?')), { outcome: 'inconclusive', reason: 'what?' });
  const late = findingOf(new Error('not connected'), 500);
  assert.deepEqual(late, { outcome: 'failed', reason: 'not connected after 500 ms' });
  assert.equal(findingOf(new Inconclusive('what?'), 500).outcome, 'failed');
});

test('a reason is one line of bounded length, whatever was thrown', () => {
  const { reason } = findingOf(new Error('a\r\nb\t\x1b[31mc\u2028\u202ed'));
  assert.equal(reason, 'a b [31mc d');
  assert.equal(findingOf(new Error('x'.repeat(5_000))).reason.length, 200);
  assert.equal(findingOf('text').reason, 'text');
});
