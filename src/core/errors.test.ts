import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';

import { asError, errorCode, TslbError } from './errors.ts';

test('an error of ours has a code, a side and, where given, a cause', () => {
  const cause = new Error('below');
  const error = new TslbError('TSLB_TEST', 'what happened', { side: 'backend', cause });
  assert.ok(error instanceof Error);
  assert.deepEqual(
    [error.name, error.code, error.side, error.message, error.cause],
    ['TslbError', 'TSLB_TEST', 'backend', 'what happened', cause],
  );
  const plain = new TslbError('TSLB_TEST', 'alone');
  assert.equal(plain.side, 'internal');
  assert.ok(!('cause' in plain));
});

test('whatever is thrown becomes an error', () => {
  const error = new RangeError('x');
  assert.equal(asError(error), error);
  for (const thrown of ['text', 7, null, undefined, { toString: () => 'shape' }]) {
    const made = asError(thrown);
    assert.ok(made instanceof Error);
    assert.equal(made.message, String(thrown));
  }
});

test('a code is found where the system gave one, and only a text is one', async () => {
  const refused = await new Promise<Error>((resolve) => connect({ host: '127.0.0.1', port: 1 }).once('error', resolve));
  assert.equal(errorCode(refused), 'ECONNREFUSED');
  assert.equal(errorCode(new TslbError('TSLB_TEST', 'x')), 'TSLB_TEST');
  assert.equal(errorCode(Object.assign(new Error('x'), { code: 7 })), '');
  for (const other of [new Error('x'), 'ENOENT', { code: 'ENOENT' }, null, undefined])
    assert.equal(errorCode(other), '');
});
