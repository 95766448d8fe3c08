import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as z from 'zod';

import { pathText } from '../problem/path.ts';
import { REDACTED } from '../problem/secret-words.ts';
import { secret } from '../values/secrets.ts';
import { replaceSecrets, secretPaths } from './redact.ts';

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

function redact(value: unknown): unknown {
  return replaceSecrets(schema, value, () => REDACTED);
}

test('secrets are replaced wherever they stand, and nothing else', () => {
  assert.deepEqual(
    redact({
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
  assert.deepEqual(redact(value), value);
});

test('what is absent stays absent', () => {
  assert.deepEqual(redact({ login: 'me' }), { login: 'me' });
});

describe('the paths of secrets in a file', () => {
  const paths = (value: unknown) => secretPaths(schema, value).map(pathText);

  test('are found in any spelling of the keys', () => {
    assert.deepEqual(paths({ PASSWORD: 'a', Named: { X: { Password: 'b' } } }), ['PASSWORD', 'Named.X.Password']);
  });

  test('are those of unknown keys, too, whose names say it', () => {
    const unknown = { consul_acl_token: 'a', other: { pwd: 1, list: [{ 'stats auth': ['b', { c: 'd' }] }] } };
    const found = ['consul_acl_token', 'other.pwd', 'other.list[0]."stats auth"[0]', 'other.list[0]."stats auth"[1].c'];
    assert.deepEqual(paths(unknown), found);
  });

  test('are those of what stands in the place of a table with a secret', () => {
    assert.deepEqual(paths({ named: { x: 'me:hunter2', y: ['hunter2'] } }), ['named.x', 'named.y[0]']);
  });

  test('are found of a kind that is unknown or absent', () => {
    assert.deepEqual(paths({ kinds: { token: 'a' } }), ['kinds.token']);
    assert.deepEqual(paths({ kinds: { kind: 'c', token: 'a' } }), ['kinds.token']);
    assert.deepEqual(paths({ kinds: { kind: 'b', token: 'a' } }), []);
  });

  test('do not need a stack as deep as the values', () => {
    let deep: unknown = 'a';
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    assert.deepEqual(paths({ deep }), []);
    assert.equal(secretPaths(schema, { token: deep }).length, 1);
  });
});
