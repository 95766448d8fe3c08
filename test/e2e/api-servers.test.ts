import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { serverBody, startWithApi } from '../helpers/processes/api.ts';
import { serverToml, startTslb, temporaryFile, temporaryFolder, tslb } from '../helpers/processes/cli.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { connectTo } from '../helpers/sockets/peer.ts';
import {
  answerOf,
  freePort,
  listed,
  openEcho,
  roundTrip,
  startNamed,
  untilRefused,
} from '../helpers/sockets/traffic.ts';
import { ask } from '../helpers/sockets/web.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

describe('§9.3 a server that is created', () => {
  test('listens when the answer is there, and has what it does not say from [defaults]', async (t) => {
    const backend = await startNamed(t, 'a');
    const bind = `127.0.0.1:${await freePort()}`;
    const { api } = await startWithApi(t, '[defaults]\nmax_connections = 7\n');
    await api('POST', '/servers/web', serverBody([listed(backend)], { bind }));
    assert.equal(await answerOf({ ip: '127.0.0.1', port: Number(bind.split(':')[1]) }), 'a');
    assert.match((await api('GET', '/servers/web')).body, /"max_connections": 7,/);
  });

  test('takes backends with tcp:// before them, as a client library writes them', async (t) => {
    const backend = await startNamed(t, 'a');
    const bind = `127.0.0.1:${await freePort()}`;
    const { api } = await startWithApi(t);
    await api('POST', '/servers/web', serverBody([`tcp://${listed(backend)}`], { bind }));
    assert.equal(await answerOf({ ip: '127.0.0.1', port: Number(bind.split(':')[1]) }), 'a');
  });

  test('stands in the dump, which loads as it is, and not in the file', async (t) => {
    const { api, running } = await startWithApi(t, serverToml('old', ['127.0.0.1:1']));
    const before = readFileSync(running.configFile, 'utf8');
    await api('POST', '/servers/new', serverBody(['127.0.0.1:2']));
    for (const format of ['toml', 'json']) {
      const { status, headers, body } = await api('GET', `/dump?format=${format}`);
      assert.deepEqual([status, headers['content-type']], [200, 'text/plain; charset=utf-8']);
      const file = temporaryFile(t, `dump.${format}`, body);
      const { code, stderr, stdout } = await tslb(['check', '-f', format, file]);
      assert.equal(code, 0, stdout + stderr);
      for (const backend of ['127.0.0.1:1', '127.0.0.1:2']) assert.ok(body.includes(`"${backend}"`), body);
    }
    assert.equal(readFileSync(running.configFile, 'utf8'), before);
  });
});

test('§9.3 the dump has the sections of gobetween in its order: null in JSON, left out of TOML', async (t) => {
  const { api } = await startWithApi(t, serverToml('web', ['127.0.0.1:1']));
  const json = (await api('GET', '/dump?format=json')).body;
  const sections = JSON.parse(json) as Record<string, unknown>;
  const theirs = ['logging', 'api', 'metrics', 'defaults', 'acme', 'profiler', 'servers'];
  assert.deepEqual(Object.keys(sections), theirs);
  for (const name of theirs) assert.equal(sections[name] === null, name !== 'api' && name !== 'servers', name);
  assert.match(json, /^\{\n {4}"logging": null,\n {4}"api": \{\n {8}"enabled": true,\n/);
  assert.match(
    (await api('GET', '/dump')).body,
    /^\[api\]\n {2}enabled = true\n[^]*^\[servers\]\n {2}\[servers\.web\]\n {4}/m,
  );
});

describe('§9.3 a server that is deleted', () => {
  test('is closed with all its connections at once, and its name and address are free', async (t) => {
    const backend = await startBackend(t, echo);
    const bind = `127.0.0.1:${await freePort()}`;
    const address = { ip: '127.0.0.1', port: Number(bind.split(':')[1]) };
    const { api } = await startWithApi(t);
    const server = serverBody([listed(backend)], { bind });
    await api('POST', '/servers/web', server);
    const client = await openEcho(t, address);
    const answer = await api('DELETE', '/servers/web');
    assert.deepEqual([answer.status, answer.headers['content-type'], answer.body], [200, JSON_TYPE, 'null']);
    await client.closed();
    await untilRefused(address);
    assert.equal((await api('DELETE', '/servers/web')).body, 'null');
    assert.equal((await api('POST', '/servers/web', server)).body, 'null');
    await openEcho(t, address);
  });

  test('with a drain is gone when its last connection is, and no other request waits for it', async (t) => {
    const backend = await startBackend(t, echo);
    const { api, running } = await startWithApi(t, serverToml('web', [listed(backend)]));
    const client = await openEcho(t, running.at('web'));
    let isGone = false;
    const gone = api('DELETE', '/servers/web?drain=1h').finally(() => (isGone = true));
    await untilRefused(running.at('web'));
    assert.equal((await api('GET', '/servers/web')).body, 'null');
    assert.equal((await api('POST', '/servers/other', serverBody([listed(backend)]))).body, 'null');
    await roundTrip(client);
    assert.equal(isGone, false);
    await client.finish();
    assert.equal((await gone).body, 'null');
  });

  test('with a drain that ends is cut then', async (t) => {
    const backend = await startBackend(t, echo);
    const { api, running } = await startWithApi(t, serverToml('web', [listed(backend)]));
    const client = await openEcho(t, running.at('web'));
    const answer = api('DELETE', '/servers/web?drain=100ms');
    await client.closed();
    assert.equal((await answer).body, 'null');
  });
});

test('a client that goes away while a server drains changes nothing', async (t) => {
  const backend = await startBackend(t, echo);
  const { address, api, running } = await startWithApi(t, serverToml('web', [listed(backend)]));
  const client = await openEcho(t, running.at('web'));
  const impatient = connectTo(t, address);
  await impatient.send('DELETE /servers/web?drain=1h HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await untilRefused(running.at('web'));
  impatient.reset();
  await roundTrip(client);
  await client.finish();
  await client.closed();
  assert.equal((await api('GET', '/ping')).body, 'OK');
});

test('a unix socket serves the same', async (t) => {
  const path = join(temporaryFolder(t), 'api.sock');
  await startTslb(t, `[api]\nenabled = true\nbind = "unix:${path}"\n`, { ready: /\(api\): service listening / });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal((await ask({ path }, '/ping')).body, 'OK');
  const { status, body } = await ask({ path }, '/servers/web', { method: 'POST', ...serverBody(['127.0.0.1:1']) });
  assert.deepEqual([status, body], [200, 'null']);
});
