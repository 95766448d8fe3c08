import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { serverToml, startTslb, temporaryFolder, type Tslb } from '../helpers/processes/cli.ts';
import { banner, echo, startBackend } from '../helpers/sockets/backends.ts';
import { connectTo } from '../helpers/sockets/peer.ts';
import { answerOf, listed, openEcho, roundTrip, startNamed, untilRefused } from '../helpers/sockets/traffic.ts';

const CLEAN = { code: 0, signal: null };

async function startEchoing(t: TestContext, drainTimeout = '60s'): Promise<Tslb> {
  const backend = await startBackend(t, echo);
  const args = ['start', '-c', 'FILE', '--drain-timeout', drainTimeout];
  return startTslb(t, serverToml('web', [listed(backend)]), { args });
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends it at once where there is no connection`, async (t) => {
    const backend = await startNamed(t, 'A');
    const running = await startTslb(t, serverToml('web', [listed(backend)]));
    assert.equal(await answerOf(running.at('web')), 'A');
    assert.deepEqual(await running.stop(signal), CLEAN);
    assert.ok(running.has(/: stopped$/));
    assert.equal(await answerOf(running.at('web')), 'ECONNREFUSED');
  });

  test(`after ${signal} no client gets in, and an open connection works until it ends`, async (t) => {
    const running = await startEchoing(t);
    const client = await openEcho(t, running.at('web'));
    running.signal(signal);
    await running.logged(/: stopping connections=1 drainMs=60000$/);
    await untilRefused(running.at('web'));
    await roundTrip(client);
    await client.finish('last');
    assert.deepEqual(await running.ended, CLEAN);
    const { end, bytes } = await client.closed();
    assert.deepEqual({ end, bytes }, { end: 'FIN', bytes: 6 });
    assert.ok(!running.has(/cutting connections/));
  });

  test(`a second ${signal} cuts`, async (t) => {
    const running = await startEchoing(t);
    const client = await openEcho(t, running.at('web'));
    running.signal(signal);
    await untilRefused(running.at('web'));
    await roundTrip(client);
    running.signal(signal);
    assert.deepEqual(await running.ended, CLEAN);
    assert.equal((await client.closed()).end, 'ECONNRESET');
    assert.ok(running.has(/cutting connections server=web connections=[1-9]/));
  });
}

test('the drain timeout cuts', async (t) => {
  const running = await startEchoing(t, '300ms');
  const client = await openEcho(t, running.at('web'));
  assert.deepEqual(await running.stop(), CLEAN);
  assert.equal((await client.closed()).end, 'ECONNRESET');
  assert.ok(running.has(/cutting connections server=web connections=1$/));
});

test('--drain-timeout 0 cuts at once', async (t) => {
  const running = await startEchoing(t, '0');
  const client = await openEcho(t, running.at('web'));
  assert.deepEqual(await running.stop(), CLEAN);
  assert.equal((await client.closed()).end, 'ECONNRESET');
});

test('a client that waits for its backend is let go at a stop', async (t) => {
  const silent = await startBackend(t, ({ socket }) => socket.once('end', () => socket.end()));
  const running = await startTslb(t, serverToml('web', [listed(silent)]));
  const client = connectTo(t, running.at('web'));
  const inside = await silent.next();
  running.signal('SIGINT');
  await untilRefused(running.at('web'));
  inside.socket.end('late answer');
  await client.finish();
  assert.equal((await client.closed()).bytes, 11);
  assert.deepEqual(await running.ended, CLEAN);
});

test('signals of all kinds while it drains do no harm', async (t) => {
  const running = await startEchoing(t);
  const client = await openEcho(t, running.at('web'));
  running.signal('SIGTERM');
  await untilRefused(running.at('web'));
  for (let n = 0; n < 3; n++) {
    running.signal('SIGHUP');
    running.signal('SIGUSR1');
    await roundTrip(client);
  }
  assert.equal(await answerOf(running.at('web')), 'ECONNREFUSED');
  await client.finish();
  assert.deepEqual(await running.ended, CLEAN);
  assert.equal(running.lines.filter((line) => line.includes('listening')).length, 1);
});

test('a signal before it listens ends it all the same', async (t) => {
  const backend = await startNamed(t, 'A');
  const running = await startTslb(t, serverToml('web', [listed(backend)]), { ready: /: starting / });
  assert.deepEqual(await running.stop(), CLEAN);
});

test('SIGHUP and SIGUSR1 before it listens do not end it', async (t) => {
  const backend = await startNamed(t, 'A');
  const running = await startTslb(t, serverToml('web', [listed(backend)]), { ready: /: starting / });
  running.signal('SIGHUP');
  running.signal('SIGUSR1');
  await running.logged(/: started /);
  assert.equal(await answerOf(running.at('web')), 'A');
  assert.deepEqual(await running.stop(), CLEAN);
  assert.ok(!running.has(/debugger/i));
});

for (const config of ['', '[servers]\n', '# nothing\n[logging]\nlevel = "info"\n']) {
  test(`a configuration without servers runs, says so and stops: ${JSON.stringify(config)}`, async (t) => {
    const running = await startTslb(t, config);
    await running.logged(/\[WARNI\] .*the configuration has no servers/);
    assert.deepEqual(await running.stop(), CLEAN);
  });
}

test('without servers a reload brings one', async (t) => {
  const backend = await startNamed(t, 'A');
  const running = await startTslb(t, '');
  await running.reload(serverToml('web', [listed(backend)]));
  assert.equal(await answerOf(running.at('web')), 'A');
  assert.deepEqual(await running.stop(), CLEAN);
});

test('a stop leaves no unix socket behind, a kill leaves one that the next start replaces', async (t) => {
  const path = join(temporaryFolder(t), 'tslb.sock');
  const backend = await startBackend(t, banner('A'));
  const config = serverToml('web', [listed(backend)], { bind: `unix:${path}` });
  const first = await startTslb(t, config);
  assert.equal(await answerOf({ path }), 'A');
  assert.deepEqual(await first.stop('SIGKILL'), { code: null, signal: 'SIGKILL' });
  assert.ok(existsSync(path));
  const second = await startTslb(t, config);
  assert.equal(await answerOf({ path }), 'A');
  assert.deepEqual(await second.stop(), CLEAN);
  assert.equal(existsSync(path), false);
});
