import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { serverToml, startTslb, temporaryFolder, type Tslb, untilFile } from '../helpers/processes/cli.ts';
import { echo, REFUSING, startBackend } from '../helpers/sockets/backends.ts';
import { connectTo } from '../helpers/sockets/peer.ts';
import { answerOf, listed, openEcho } from '../helpers/sockets/traffic.ts';

const REFUSED = `127.0.0.1:${'port' in REFUSING ? REFUSING.port : 0}`;

interface Logged {
  readonly running: Tslb;
  readonly file: string;
  readonly backend: string;
}

async function startLogged(t: TestContext, format: string, keys: Record<string, unknown> = {}): Promise<Logged> {
  const file = join(temporaryFolder(t), 'access.log');
  const backend = listed(await startBackend(t, echo));
  const config =
    `[logging]\nformat = "${format}"\naccess_log = "${file}"\n` +
    serverToml('web', [`${REFUSED} priority=1`, `${backend} priority=2`], keys);
  const ready = format === 'json' ? /"msg":"started"/ : / started /;
  return { running: await startTslb(t, config, { ready }), file, backend };
}

function lines(file: string, count: number): Promise<string[]> {
  return untilFile(file, (text) => text.split('\n').length > count).then((text) => text.trimEnd().split('\n'));
}

/** The port of the last `listening` line, in either format. */
function addressOf({ lines: said }: Tslb): { ip: string; port: number } {
  const [, port] = /127\.0\.0\.1:(\d{3,})/.exec(said.find((line) => line.includes('listening')) ?? '') ?? [];
  return { ip: '127.0.0.1', port: Number(port) };
}

test('a line of JSON for each finished connection says all there is to say', async (t) => {
  const { running, file, backend } = await startLogged(t, 'json');
  const client = await openEcho(t, addressOf(running));
  const other = await openEcho(t, addressOf(running));
  const from = `127.0.0.1:${client.socket.localPort}`;
  await client.finish('some bytes');
  await client.closed();
  const [line = ''] = await lines(file, 1);
  const { time, queueMs, connectMs, totalMs, ...entry } = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual(entry, {
    server: 'web',
    client: from,
    backend,
    tried: [REFUSED],
    cause: '--',
    rxBytes: 11,
    txBytes: 11,
    serverActive: 1,
    backendActive: 1,
  });
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  for (const ms of [queueMs, connectMs, totalMs]) assert.ok(Number(ms) >= 0 && Number(ms) < 60_000, String(ms));
  assert.ok(Number(totalMs) >= Number(connectMs));

  other.reset();
  const second = JSON.parse((await lines(file, 2))[1] ?? '') as Record<string, unknown>;
  assert.deepEqual([second['cause'], second['serverActive']], ['CD', 0]);
});

test('a line of text for each finished connection', async (t) => {
  const { running, file, backend } = await startLogged(t, 'text');
  const client = await openEcho(t, addressOf(running));
  const from = client.socket.localPort;
  await client.finish();
  await client.closed();
  const [line = ''] = await lines(file, 1);
  const ms = '\\d+(\\.\\d)?';
  assert.match(
    line,
    new RegExp(
      `^\\S+Z server=web client=127\\.0\\.0\\.1:${from} backend=${backend} tried=${REFUSED} cause=-- rx=1 tx=1` +
        ` queue_ms=${ms} connect_ms=${ms} total_ms=${ms} server_active=0 backend_active=0$`,
    ),
  );
});

test('clients that got nowhere have a line too, with the cause', async (t) => {
  const { running, file } = await startLogged(t, 'text', { max_connections: 1 });
  const client = await openEcho(t, addressOf(running));
  await answerOf(addressOf(running));
  assert.match((await lines(file, 1))[0] ?? '', / backend=- tried=- cause=PC rx=0 tx=0 /);
  running.signal('SIGTERM');
  await running.logged(/stopping/);
  running.signal('SIGTERM');
  assert.deepEqual(await running.ended, { code: 0, signal: null });
  assert.match((await lines(file, 2))[1] ?? '', / cause=KD rx=1 tx=1 /);
  await client.closed();
});

test('no connection is missing after many, and after the end', async (t) => {
  const { running, file } = await startLogged(t, 'json');
  const address = addressOf(running);
  await Promise.all(
    Array.from({ length: 300 }, async () => {
      const client = connectTo(t, address);
      await client.finish('x');
      await client.closed();
    }),
  );
  assert.deepEqual(await running.stop(), { code: 0, signal: null });
  const all = await lines(file, 300);
  assert.equal(all.length, 300);
  for (const line of all) assert.equal((JSON.parse(line) as Record<string, unknown>)['cause'], '--');
});

test('it is off by default, and a reload switches it on and off', async (t) => {
  const file = join(temporaryFolder(t), 'access.log');
  const servers = serverToml('web', [listed(await startBackend(t, echo))]);
  const withLog = `[logging]\naccess_log = "${file}"\n${servers}`;
  const marker = serverToml('more', [REFUSED], { bind: '127.0.0.2:0' });
  const running = await startTslb(t, servers);
  const address = running.at('web');
  const before = await openEcho(t, address);
  await before.finish();
  await before.closed();
  await running.reload(withLog + marker);
  const during = await openEcho(t, address);
  await during.finish();
  await during.closed();
  assert.equal((await lines(file, 1)).length, 1);
  await running.reload(servers);
  const after = await openEcho(t, address);
  await after.finish();
  await after.closed();
  assert.deepEqual(await running.stop(), { code: 0, signal: null });
  assert.equal((await lines(file, 1)).length, 1);
  for (const line of running.lines) assert.doesNotMatch(line, /cause=/);
});
