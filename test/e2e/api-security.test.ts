import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type ApiRun, serverBody, startWithApi } from '../helpers/processes/api.ts';
import { serverToml, temporaryFile } from '../helpers/processes/cli.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { makeCertificate } from '../helpers/sockets/certificate.ts';
import { SteadyTraffic } from '../helpers/sockets/steady-traffic.ts';
import { listed } from '../helpers/sockets/traffic.ts';
import { ask, basic, open } from '../helpers/sockets/web.ts';

const LOGIN = '[api.basic_auth]\nlogin = "admin"\npassword = "right"';
const RIGHT = basic('admin', 'right');
const WRONG = basic('admin', 'wrong');
const WEB = serverToml('web', ['127.0.0.1:1']);

/** Method and path of all that the API serves: gobetween's, and ours as its document lists them. */
async function routesOf({ api }: ApiRun): Promise<readonly (readonly [string, string])[]> {
  const { body } = await api('GET', '/v1/openapi.json', { headers: RIGHT });
  const { paths } = JSON.parse(body) as { paths: Readonly<Record<string, object>> };
  const ours = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), '/v1' + path.replaceAll(/\{\w+\}/g, 'web')] as const),
  );
  assert.ok(ours.length > 20);
  return [
    ['GET', '/'],
    ['GET', '/dump'],
    ['GET', '/dump?secrets=true'],
    ['GET', '/servers'],
    ['GET', '/servers/web'],
    ['POST', '/servers/web'],
    ['DELETE', '/servers/web'],
    ['GET', '/servers/web/stats'],
    ...ours,
  ];
}

test('a client without a login gets nothing of any route, and changes nothing', async (t) => {
  const run = await startWithApi(t, WEB, LOGIN);
  const before = await run.api('GET', '/dump', { headers: RIGHT });
  for (const [method, path] of await routesOf(run)) {
    const { status, headers, body } = await run.api(method, path);
    assert.deepEqual([status, body], [401, ''], `${method} ${path}`);
    assert.equal(headers['www-authenticate'], 'Basic realm="Authorization Required"');
  }
  assert.equal((await run.api('GET', '/dump', { headers: RIGHT })).body, before.body);
});

test('a client that guesses has to wait, also with the right login, and others do not', async (t) => {
  const { address, api, running } = await startWithApi(t, WEB, LOGIN);
  const statuses = [];
  for (let guess = 0; guess < 12; guess += 1) statuses.push((await api('GET', '/servers', { headers: WRONG })).status);
  assert.deepEqual(statuses.slice(0, 10), new Array(10).fill(401));
  assert.equal(statuses.at(-1), 429);
  const right = await api('DELETE', '/servers/web', { headers: RIGHT });
  assert.equal(right.status, 429);
  assert.match(String(right.headers['retry-after']), /^[1-6]$/);
  assert.equal((await api('GET', '/ping')).body, 'OK');
  const other = { headers: RIGHT, from: '127.0.0.9' };
  assert.match((await ask(address, '/servers', other)).body, /"web"/);
  await running.logged(/: wrong login client=127\.0\.0\.1$/);
});

test('a page of another origin has a browser change nothing, unless cors says so', async (t) => {
  const asking = { ...serverBody(['127.0.0.1:1']), headers: { ...RIGHT, origin: 'http://page.example' } };
  const closed = await startWithApi(t, '', LOGIN);
  assert.equal((await closed.api('POST', '/servers/web', asking)).status, 403);
  assert.equal((await closed.api('GET', '/servers', { headers: RIGHT })).body, '{}');
  const open = await startWithApi(t, '', `cors = true\n${LOGIN}`);
  assert.equal((await open.api('POST', '/servers/web', asking)).status, 200);
});

test('clients that say nothing hold up neither the API nor traffic', async (t) => {
  const backend = await startBackend(t, echo);
  const { address, api, running } = await startWithApi(t, serverToml('web', [listed(backend)]));
  for (let client = 0; client < 300; client += 1)
    open(t, address).write('POST /servers/x HTTP/1.1\r\nContent-Length: 9\r\n');
  const traffic = new SteadyTraffic(running.at('web'));
  while (traffic.exchanges < 1000) assert.equal((await api('GET', '/ping')).body, 'OK');
  assert.deepEqual((await traffic.end()).failures, []);
});

test('over TLS it asks and answers the same, and says nothing to a client without TLS', async (t) => {
  const { cert, key } = makeCertificate({ names: ['127.0.0.1'] });
  const files = [temporaryFile(t, 'cert.pem', cert), temporaryFile(t, 'key.pem', key)] as const;
  const tls = `[api.tls]\ncert_path = "${files[0]}"\nkey_path = "${files[1]}"`;
  const { address, api } = await startWithApi(t, WEB, `${LOGIN}\n${tls}`);
  assert.equal((await api('GET', '/servers', { ca: cert })).status, 401);
  assert.match((await api('GET', '/servers', { ca: cert, headers: RIGHT })).body, /"web"/);
  await assert.rejects(ask(address, '/ping'));
});
