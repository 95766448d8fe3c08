import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { minimalServer } from '../helpers/fakes/minimal-server.ts';
import { serverBody, startWithApi, untilBody } from '../helpers/processes/api.ts';
import { serverToml } from '../helpers/processes/cli.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { freePort, listed, openEcho } from '../helpers/sockets/traffic.ts';
import { basic } from '../helpers/sockets/web.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

describe('§9.1 over the wire', () => {
  test('the login is asked for, but for /ping and what is not there', async (t) => {
    const { api } = await startWithApi(t, '', '[api.basic_auth]\nlogin = "admin"\npassword = "of the test"');
    for (const path of ['/', '/dump', '/servers', '/servers/web', '/servers/web/stats']) {
      const { status, headers, body } = await api('GET', path);
      assert.deepEqual([status, body], [401, ''], path);
      assert.equal(headers['www-authenticate'], 'Basic realm="Authorization Required"');
    }
    assert.equal((await api('GET', '/servers', { headers: basic('admin', 'of the test') })).body, '{}');
    assert.equal((await api('GET', '/ping')).body, 'OK');
    assert.equal((await api('GET', '/nothing')).body, '404 page not found');
  });

  test('pages of other origins may ask with cors', async (t) => {
    const { api } = await startWithApi(t, '', 'cors = true');
    const asking = { headers: { origin: 'http://page.example' } };
    assert.equal((await api('GET', '/servers', asking)).headers['access-control-allow-origin'], '*');
    assert.equal((await api('OPTIONS', '/servers/web', asking)).status, 204);
  });

  test('requests are not logged', async (t) => {
    const { api, running } = await startWithApi(t);
    const lines = running.lines.length;
    for (const path of ['/', '/servers', '/nothing']) await api('GET', path);
    await api('POST', '/servers/web', { body: 'junk' });
    running.signal('SIGUSR1');
    await running.logged(/: log files reopened/);
    assert.equal(running.lines.length, lines + 1);
  });
});

describe('§9.2 the shape of a server', () => {
  test('of a minimal one, byte for byte', async (t) => {
    const { api } = await startWithApi(t, '[defaults]\nbackend_connection_timeout = "0"\n');
    const bind = `localhost:${await freePort()}`;
    const body = `{"bind":"${bind}","discovery":{"kind":"static","static_list":["localhost:8000"]}}`;
    const created = await api('POST', '/servers/web', { body });
    assert.deepEqual([created.status, created.headers['content-type'], created.body], [200, JSON_TYPE, 'null']);
    const { status, headers, body: text } = await api('GET', '/servers/web');
    assert.deepEqual([status, headers['content-type']], [200, JSON_TYPE]);
    assert.equal(text, minimalServer(bind));
    const indented = text.replaceAll('\n', '\n    ');
    assert.equal((await api('GET', '/servers')).body, `{\n    "web": ${indented}\n}`);
  });

  test('what is read can be posted again under another name, nulls and empty texts too', async (t) => {
    const keys = { access: { rules: ['allow 127.0.0.1'] }, healthcheck: { kind: 'ping', interval: '10s' } };
    const { api } = await startWithApi(t);
    await api('POST', '/servers/a', serverBody(['127.0.0.1:1'], keys));
    const { body } = await api('GET', '/servers/a');
    await api('DELETE', '/servers/a');
    const again = await api('POST', '/servers/b', { body });
    assert.deepEqual([again.status, again.body], [200, 'null']);
    assert.equal((await api('GET', '/servers/b')).body, body);
    const empty = { protocol: '', balance: null, sni: null, client_idle_timeout: '', healthcheck: null };
    const other = serverBody(['127.0.0.1:1'], { bind: '127.0.0.3:0', ...empty });
    assert.equal((await api('POST', '/servers/c', other)).body, 'null');
  });
});

describe('§9.2 refusals', () => {
  for (const [name, body, status, reason] of [
    ['no JSON', '{', 400, /^the body is not JSON: /],
    ['a number for a string', '{"bind": 1.5, "discovery": {"kind": "static", "static_list": ["a:1"]}}', 400, /bind/],
    ['a string for a number', serverBody(['a:1'], { max_connections: '1' }).body, 400, /max_connections/],
    ['a table for a string', serverBody(['a:1'], { balance: {} }).body, 400, /balance/],
    ['a list', '[]', 400, /./],
    ['nothing required', '{}', 409, /bind.*discovery/],
    ['no strategy', serverBody(['a:1'], { balance: 'best' }).body, 409, /balance.*best/],
    ['no rule', serverBody(['a:1'], { access: { rules: ['maybe'] } }).body, 409, /access\.rules/],
    ['no duration', serverBody(['a:1'], { client_idle_timeout: '10' }).body, 409, /client_idle_timeout/],
  ] as const) {
    test(`of ${name} are ${status}, and nothing is left`, async (t) => {
      const { api } = await startWithApi(t);
      const answer = await api('POST', '/servers/web', { body: String(body) });
      assert.equal(answer.status, status, answer.body);
      assert.equal(answer.headers['content-type'], status === 400 ? 'text/plain; charset=utf-8' : JSON_TYPE);
      assert.match(JSON.parse(answer.body) as string, reason);
      assert.equal((await api('GET', '/servers/web/stats')).body, 'null');
      assert.equal((await api('GET', '/servers')).body, '{}');
    });
  }

  test('of a name that is taken, and of an address in use, are 409', async (t) => {
    const { api, running } = await startWithApi(t, serverToml('web', ['127.0.0.1:1']));
    const taken = await api('POST', '/servers/web', serverBody(['127.0.0.1:1']));
    assert.deepEqual([taken.status, taken.headers['content-type']], [409, JSON_TYPE]);
    assert.match(taken.body, /^".*web.*"$/);
    const bind = `127.0.0.1:${running.at('web').port}`;
    const inUse = await api('POST', '/servers/other', serverBody(['127.0.0.1:1'], { bind }));
    assert.equal(inUse.status, 409);
    assert.match(inUse.body, /in use/);
    assert.equal((await api('GET', '/servers/other/stats')).body, 'null');
  });

  test('ignore the content type, unknown keys, and what follows the first value', async (t) => {
    const { api } = await startWithApi(t);
    const { body } = serverBody(['127.0.0.1:1'], { nobody_knows_this: [1] });
    const answer = await api('POST', '/servers/web', {
      body: `${String(body)} trailing`,
      headers: { 'content-type': 'image/png' },
    });
    assert.deepEqual([answer.status, answer.body], [200, 'null']);
  });
});

test('§9.2 counters are those of the backends, to the byte', async (t) => {
  const backend = await startBackend(t, echo);
  const { api, running } = await startWithApi(t, serverToml('web', [listed(backend), '127.0.0.1:1 weight=0']));
  const client = await openEcho(t, running.at('web'));
  await client.send('x'.repeat(999));
  await client.received(1000);
  const body = await untilBody(api, '/servers/web/stats', (text) => text.includes('"tx_total": 1000,'));
  const zeros = body.replaceAll(/("[rt]x_second": )\d+/g, '$10');
  const counts = (port: number, bytes: number): string => `{
            "host": "127.0.0.1",
            "port": "${port}",
            "priority": 1,
            "weight": ${bytes === 0 ? 0 : 1},
            "stats": {
                "live": true,
                "discovered": true,
                "total_connections": ${bytes === 0 ? 0 : 1},
                "active_connections": ${bytes === 0 ? 0 : 1},
                "refused_connections": 0,
                "rx": ${bytes},
                "tx": ${bytes},
                "rx_second": 0,
                "tx_second": 0
            }
        }`;
  assert.equal(
    zeros,
    `{
    "active_connections": 1,
    "rx_total": 1000,
    "tx_total": 1000,
    "rx_second": 0,
    "tx_second": 0,
    "backends": [
        ${counts(1, 0)},
        ${counts(backend.port, 1000)}
    ]
}`,
  );
});

test('§9.2 the process is the one that runs', async (t) => {
  const { api, running } = await startWithApi(t);
  const { pid, configuration } = JSON.parse((await api('GET', '/')).body) as { pid: number; configuration: object };
  assert.equal(pid, running.pid);
  assert.deepEqual(configuration, { kind: 'file', path: running.configFile });
});
