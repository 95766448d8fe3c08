import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as z from 'zod';

import { redact } from './redact.ts';
import { secret } from './secrets.ts';

const password = secret(() => undefined, 'A password.');
const schema = z.object({
  login: z.string(),
  password: password.optional(),
  list: z.array(password).optional(),
  named: z
    .record(
      z.string(),
      z.object({ password, open: z.string().optional() }).transform((value) => value),
    )
    .prefault({}),
  kinds: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), token: password }),
      z.object({ kind: z.literal('b'), token: z.string() }),
    ])
    .optional(),
});

test('secrets are replaced wherever they stand, and nothing else', () => {
  assert.deepEqual(
    redact(schema, {
      login: 'me',
      password: 'hunter2',
      list: ['one', 'two'],
      named: { x: { password: 'three', open: 'password' } },
      kinds: { kind: 'a', token: 'four' },
    }),
    {
      login: 'me',
      password: '[redacted]',
      list: ['[redacted]', '[redacted]'],
      named: { x: { password: '[redacted]', open: 'password' } },
      kinds: { kind: 'a', token: '[redacted]' },
    },
  );
});

test('what is secret in one kind is shown in another', () => {
  const value = { login: 'me', kinds: { kind: 'b', token: 'shown' } };
  assert.deepEqual(redact(schema, value), value);
});

test('what is absent stays absent', () => {
  assert.deepEqual(redact(schema, { login: 'me' }), { login: 'me' });
});
