import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ab } from '../../scripts/bench/ab.ts';
import { runTool } from '../../scripts/bench/tools.ts';
import { echo, startBackend } from '../helpers/backends.ts';
import { serverToml, startTslb } from '../helpers/cli.ts';
import { startNginx } from '../helpers/nginx.ts';
import { listed, openEcho, roundTrip } from '../helpers/traffic.ts';
import { machineOf, missingTools, usageOf } from '../helpers/tools.ts';

const CLIENTS = 50;
const IDLE_CONNECTIONS = 5000;
const OPENING_AT_ONCE = 250;

async function untilMachine(url: string, wanted: string): Promise<void> {
  while ((await machineOf(url)) !== wanted);
}

test(
  'kill -9 of one of two nginx under load costs its own connections only',
  { skip: missingTools('nginx', 'ab') },
  async (t) => {
    const [one, two] = [await startNginx(t, 'M1'), await startNginx(t, 'M2')];
    const running = await startTslb(t, serverToml('web', [one.address, two.address]));
    const url = `http://127.0.0.1:${running.at('web').port}/swap.html`;

    // -r: go on after a connection that is cut.
    const load = ab(['-r', '-n', '20000', '-c', String(CLIENTS), url]);
    while (two.requests < 500) await machineOf(url);
    await two.kill();
    const during = await load;
    await running.logged(/backend connect failed/);
    const after = await ab(['-n', '5000', '-c', String(CLIENTS), url]);
    await two.start();
    await untilMachine(url, 'M2');
    await running.logged(/backend connects again/);
    const before = { M1: one.requests, M2: two.requests };
    const again = await ab(['-n', '5000', '-c', String(CLIENTS), url]);

    console.log('\nkill -9 of one of two nginx under ab, a connection for each request');
    console.table({
      'killed during the run': { complete: during.complete, failed: during.failed },
      'without it': { complete: after.complete, failed: after.failed },
      'with it back': { complete: again.complete, failed: again.failed },
    });
    assert.equal(during.complete, 20_000);
    // ab counts one that is cut up to three times: as a receive error, an exception and a wrong length.
    assert.ok(during.failed <= 3 * CLIENTS, `${during.failed} failed`);
    assert.deepEqual([after.complete, after.failed, after.non2xx], [5000, 0, 0]);
    assert.deepEqual([again.complete, again.failed, again.non2xx], [5000, 0, 0]);
    assert.deepEqual([one.requests - before.M1, two.requests - before.M2], [2500, 2500]);
    assert.deepEqual(await running.stop(), { code: 0, signal: null });
  },
);

test('5,000 connections stay open, work, and cost next to nothing while they are idle', async (t) => {
  const backends = [await startBackend(t, echo), await startBackend(t, echo)];
  const running = await startTslb(
    t,
    serverToml(
      'web',
      backends.map((backend) => listed(backend)),
    ),
  );
  const first = await openEcho(t, running.at('web'));
  const idle = usageOf(running.pid);

  const clients = [first];
  while (clients.length < IDLE_CONNECTIONS) {
    const count = Math.min(OPENING_AT_ONCE, IDLE_CONNECTIONS - clients.length);
    clients.push(...(await Promise.all(Array.from({ length: count }, () => openEcho(t, running.at('web'))))));
  }
  const open = usageOf(running.pid);
  // A window to measure in, long beside a tick of the kernel's clock.
  await runTool('sleep', ['3']);
  const later = usageOf(running.pid);
  await Promise.all(clients.map(roundTrip));
  const worked = usageOf(running.pid);
  await Promise.all(clients.slice(1).map(async (client) => (await client.finish()).closed()));
  while (usageOf(running.pid).descriptors > idle.descriptors) await roundTrip(first);
  const closed = usageOf(running.pid);

  console.log(`\n${IDLE_CONNECTIONS} connections; CPU while idle: ${((later.cpuMs - open.cpuMs) / 30).toFixed(2)} %`);
  console.table({
    'with one': idle,
    'all open': open,
    '3 s later': later,
    'a byte each': worked,
    'with one again': closed,
  });
  assert.deepEqual(
    backends.map(({ peers }) => peers.length),
    [IDLE_CONNECTIONS / 2, IDLE_CONNECTIONS / 2],
  );
  assert.ok(later.cpuMs - open.cpuMs < 600, 'less than 20 % of a core');
});
