import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { request } from 'undici';

import { RunningApp } from '../helpers/rigs/running-app.ts';
import { freePort } from '../helpers/sockets/traffic.ts';

const BACKENDS = ['127.0.0.1:9'];

function api(bind: string): string {
  return `[api]\nenabled = true\nbind = "${bind}"\n`;
}

async function isAnswering(at: string | undefined): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`http://${at}/ping`);
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

test('a service opens, moves and closes by reloads, and the servers stay', async (t) => {
  const running = await RunningApp.start(t, BACKENDS);
  assert.equal(running.service('api'), undefined);

  await running.reloadHead(api('127.0.0.1:0'));
  const first = running.service('api');
  assert.ok(await isAnswering(first));

  await running.reloadHead(api('127.0.0.2:0'));
  const second = running.service('api');
  assert.match(second ?? '', /^127\.0\.0\.2:/);
  assert.deepEqual([await isAnswering(first), await isAnswering(second)], [false, true]);

  await running.reloadHead('');
  assert.equal(running.service('api'), undefined);
  assert.equal(await isAnswering(second), false);
  assert.deepEqual(
    running.control.reading.servers().map(({ name }) => name),
    ['web'],
  );
});

test('a service that did not change keeps its port over a reload', async (t) => {
  const running = await RunningApp.start(t, BACKENDS, {}, api('127.0.0.1:0'));
  const before = running.service('api');
  await running.reload(['127.0.0.1:10']);
  assert.equal(running.service('api'), before);
});

test('a reload that is asked through the service that it moves is answered', async (t) => {
  const running = await RunningApp.start(t, BACKENDS, {}, api('127.0.0.1:0'));
  const before = running.service('api');
  running.changeHead(api('127.0.0.2:0'));
  const { statusCode, body } = await request(`http://${before}/v1/reload`, { method: 'POST' });
  await body.dump();
  assert.equal(statusCode, 200);
  assert.match(running.service('api') ?? '', /^127\.0\.0\.2:/);
});

test('an address in use refuses the reload, and what was there is there again', async (t) => {
  const busy = createServer().listen(0, '127.0.0.1');
  t.after(() => busy.close());
  await once(busy, 'listening');
  const { port } = busy.address() as { port: number };
  const at = `127.0.0.1:${await freePort()}`;
  const running = await RunningApp.start(t, BACKENDS, {}, api(at));

  await assert.rejects(running.reloadHead(api(`127.0.0.1:${port}`)), { code: 'TSLB_BIND' });
  assert.equal(running.service('api'), at);
  assert.ok(await isAnswering(at));
});

test('servers that cannot follow take the change of the services back', async (t) => {
  const busy = createServer().listen(0, '127.0.0.1');
  t.after(() => busy.close());
  await once(busy, 'listening');
  const { port } = busy.address() as { port: number };
  const running = await RunningApp.start(t, BACKENDS);

  const other = `[servers.other]\nbind = "127.0.0.1:${port}"\n[servers.other.discovery]\nkind = "static"\nstatic_list = ["127.0.0.1:9"]\n`;
  await assert.rejects(running.reloadHead(api('127.0.0.1:0') + other));
  assert.equal(running.service('api'), undefined);
});
