import assert from 'node:assert/strict';
import { test } from 'node:test';

import { temporaryFile } from '../../../test/helpers/processes/cli.ts';
import { targetOf } from './list-backends.ts';
import { tableOf } from './table-of-file.ts';

test('a file has the keys of the server, or sections of which its own is taken', async (t) => {
  const plain = temporaryFile(t, 'web.toml', 'bind = ":80"\n[discovery]\nkind = "static"\n');
  assert.equal(JSON.stringify(await tableOf(plain, 'web', undefined)), '{"bind":":80","discovery":{"kind":"static"}}');
  const whole = temporaryFile(t, 'all.toml', '[servers.web]\nbind = ":80"\n[servers.b]\nbind = ":81"\n');
  assert.equal(JSON.stringify(await tableOf(whole, 'b', undefined)), '{"bind":":81"}');
  const json = temporaryFile(t, 'web.JSON', '{"bind": ":80"}');
  assert.equal(JSON.stringify(await tableOf(json, 'web', undefined)), '{"bind":":80"}');
  const unnamed = temporaryFile(t, 'web', '{"bind": ":80"}');
  assert.equal(JSON.stringify(await tableOf(unnamed, 'web', 'json')), '{"bind":":80"}');
});

test('what cannot be read, or has no such server, is a usage error', async (t) => {
  const bad = temporaryFile(t, 'web.toml', 'bind = \n');
  const other = temporaryFile(t, 'all.toml', '[servers.b]\nbind = ":81"\n');
  const code = 'TSLB_USAGE';
  await assert.rejects(tableOf(bad, 'web', undefined), { code, message: /web\.toml:1:8: error: / });
  await assert.rejects(tableOf(other, 'web', undefined), { code, message: /no section \[servers\.web\]/ });
  await assert.rejects(tableOf(other, 'constructor', undefined), { code, message: /no section/ });
  await assert.rejects(tableOf(`${bad}.none`, 'web', undefined), { code, message: /cannot be read/ });
});

test('the address of a backend has a host and a port', () => {
  assert.deepEqual(targetOf('10.0.0.1:80'), { host: '10.0.0.1', port: 80 });
  assert.deepEqual(targetOf('[::1]:80'), { host: '::1', port: 80 });
  assert.deepEqual(targetOf('unix:/run/b.sock'), { host: '/run/b.sock' });
  for (const text of ['10.0.0.1', '::1:80', ':80', 'a:b', 'unix:b.sock']) {
    assert.throws(() => targetOf(text), { code: 'TSLB_USAGE' }, text);
  }
});
