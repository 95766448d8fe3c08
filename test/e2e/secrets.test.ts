import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { serverToml, startTslb, temporaryFile, type Tslb, tslb } from '../helpers/processes/cli.ts';

/** As it is sent by a client that knows it, too. */
const SECRET = 'hunter2-Correct';
const SENT = Buffer.from(`admin:${SECRET}`).toString('base64');
const ENV = { PASSWORD: SECRET };

const LOGIN = 'login = "admin"\npassword = "${PASSWORD}"\n';
const API = `[api]\nenabled = true\nbind = "127.0.0.1:0"\n[api.basic_auth]\n${LOGIN}`;
const STATS = `[stats]\nenabled = true\nbind = "127.0.0.1:0"\nadmin = true\n[stats.basic_auth]\n${LOGIN}`;
const LOGGING = '[logging]\nlevel = "trace"\n';
const WEB = serverToml('web', ['127.0.0.1:8001']);
const GOOD = LOGGING + API + STATS + WEB;
const BAD = GOOD.replaceAll('login = "admin"', 'login = 1').replace('[servers.web]', '[servers.web]\nbnd = 1');

/** Whole, or in any part that gives it away. */
function assertNoSecret(said: string, whose: string): void {
  for (const part of ['hunter2', 'Correct', SENT.slice(10, -2)]) assert.ok(!said.includes(part), `${whose}: ${said}`);
}

interface Asked {
  readonly method?: string;
  readonly body?: string;
  readonly auth?: string;
}

/** @returns status, headers and body, as one text */
async function answerTo(port: number, path: string, asked: Asked = {}): Promise<string> {
  const { method = 'GET', body = '', auth = `admin:${SECRET}` } = asked;
  const headers = { 'content-type': 'application/json', connection: 'close' };
  const request = httpRequest({ host: '127.0.0.1', port, path, method, auth, headers });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return `${response.statusCode} ${JSON.stringify(response.headers)} ${await text(response)}`;
}

/** A service listens before the balancer has started. */
function portOf(running: Tslb, service: string): number {
  const line = running.lines.find((each) => each.includes(`(${service}): service listening address=`));
  return Number(/:(\d+)$/.exec(line ?? '')?.[1]);
}

test('what is said of a file with variables shows their names, and no secret', async (t) => {
  const file = temporaryFile(t, 'bad.toml', BAD);
  for (const args of [
    ['check', '-e', '-c', file],
    ['check', '-e', '--json', '-c', file],
    ['check', '-e', '--strict', '-c', temporaryFile(t, 'broken.toml', `${GOOD}\n[[`)],
    ['check', '-e', '-c', temporaryFile(t, 'open.toml', LOGIN.replace('}"', '}'))],
    ['start', '-e', '-c', file],
  ]) {
    const { code, stdout, stderr } = await tslb(args, { env: ENV });
    assert.equal(code, 64, args.join(' '));
    assert.match(stdout + stderr, /TSLB_CONFIG/);
    assertNoSecret(stdout + stderr, args.join(' '));
  }
  const literal = temporaryFile(t, 'literal.toml', BAD.replaceAll('${PASSWORD}', SECRET).replaceAll('"admin"', '1'));
  assertNoSecret((await tslb(['check', '-c', literal])).stdout, 'without variables');
});

test('no answer says a secret unless it is asked for one, and no line of the log at all', async (t) => {
  const running = await startTslb(t, GOOD, { args: ['start', '-e', '-c', 'FILE'], env: ENV });
  const port = portOf(running, 'api');
  const server = { bind: '127.0.0.1:0', discovery: { kind: 'static', static_list: ['127.0.0.1:1'] } };
  const paths = [
    '/',
    '/dump',
    '/dump?format=json',
    '/servers',
    '/servers/web',
    '/v1/info',
    '/v1/servers/web',
    '/v1/stats',
  ];
  for (const path of paths) {
    const answer = await answerTo(port, path);
    assert.match(answer, /^200 /, path);
    assertNoSecret(answer, path);
  }
  for (const asked of [
    { method: 'POST', body: JSON.stringify(server) },
    { method: 'POST', body: `{"password": "${SECRET}"` },
    { method: 'POST', body: JSON.stringify({ ...server, password: SECRET, basic_auth: `admin:${SECRET}` }) },
    { auth: `admin:x${SECRET}` },
    { auth: `${SECRET}:admin` },
  ])
    assertNoSecret(await answerTo(port, '/servers/other', asked), JSON.stringify(asked));
  assertNoSecret(await answerTo(port, '/v1/reload', { method: 'POST' }), 'a reload');
  assert.ok((await answerTo(port, '/dump?secrets=true')).includes(SECRET));

  writeFileSync(running.configFile, BAD);
  running.signal('SIGHUP');
  await running.logged(/TSLB_CONFIG_KEY_TYPO/);
  assertNoSecret(await answerTo(port, '/v1/reload', { method: 'POST' }), 'a reload that fails');
  await running.stop();
  assertNoSecret(running.lines.join('\n'), 'the log');
});
