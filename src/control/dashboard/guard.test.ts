import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { Guard, TOKEN_HEADER } from './guard.ts';

function asking(token: string | undefined, headers: Record<string, string> = {}, login: string | undefined = 'admin') {
  return { method: 'POST', login, headers: { ...headers, ...(token !== undefined && { [TOKEN_HEADER]: token }) } };
}

test('an operator with a login and the token of the page may make changes', () => {
  const guard = new Guard(true);
  const token = guard.token('admin');
  assert.equal(guard.mayChange(asking(token)), true);
  assert.equal(guard.mayChange(asking(token, { 'sec-fetch-site': 'same-origin' })), true);
});

test('without a token, with a wrong one, or with that of another login or process, changes are refused', () => {
  const guard = new Guard(true);
  for (const token of [undefined, '', 'x', guard.token('somebody'), new Guard(true, randomBytes(32)).token('admin')]) {
    assert.match(String(guard.mayChange(asking(token))), /token of the page is missing or old/, token);
  }
});

test('the token of a page holds also after a reload that opens the page anew', () => {
  assert.equal(new Guard(true).mayChange(asking(new Guard(true).token('admin'))), true);
});

test('the page of another site may not, though its browser knows the login', () => {
  const guard = new Guard(true);
  for (const site of ['cross-site', 'same-site', 'none']) {
    assert.match(String(guard.mayChange(asking(guard.token('admin'), { 'sec-fetch-site': site }))), /another site/);
  }
});

test('without admin or without a login there is no token, and changes are refused', () => {
  const looking = new Guard(false);
  assert.equal(looking.token('admin'), undefined);
  assert.match(String(looking.mayChange(asking('x'))), /admin is false/);
  const guard = new Guard(true);
  assert.equal(guard.token(undefined), undefined);
  assert.match(String(guard.mayChange({ ...asking('x'), login: undefined })), /changes need a login/);
});

test('a request that reads needs no token to learn that changes are allowed', () => {
  assert.equal(new Guard(true).mayChange({ method: 'GET', login: 'admin', headers: {} }), true);
  assert.equal(typeof new Guard(false).mayChange({ method: 'GET', login: 'admin', headers: {} }), 'string');
});
