import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';

import { Peer } from '../sockets/peer.ts';
import type { Host } from './host.ts';
import { startNetwork } from './network.ts';
import { socketsOf } from './sockets.ts';
import { whyNoNetns } from './why-no-netns.ts';

/** Of the host's counters of TCP, in the kernel's order. @see proc_net_snmp */
const RETRANSMITTED = 12;

const options = { skip: whyNoNetns() };

/** Hosts with a connection between them. */
async function connected(t: TestContext): Promise<{ one: Peer; two: Peer; host: Host }> {
  const network = await startNetwork(t);
  const [client, host] = [await network.host('client'), await network.host('backend')];
  const server = await socketsOf(t, host).listen(host.ip);
  t.after(() => void server.close());
  const { port } = server.address() as { port: number };
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = await socketsOf(t, client).connect({ ip: host.ip, port });
  t.after(() => void socket.destroy());
  const [other] = await accepted;
  t.after(() => void other.destroy());
  return { one: new Peer(socket), two: new Peer(other), host };
}

/** Resolves when it has sent something twice, for want of an answer. */
async function sendsAgain(host: Host): Promise<void> {
  for (;;) {
    const table = await host.run('cat', ['/proc/net/snmp']);
    const [, counters = ''] = /^Tcp: (\d.*)$/m.exec(table) ?? [];
    if (Number(counters.split(' ')[RETRANSMITTED - 1]) > 0) return;
  }
}

test('a host that vanishes is not heard until it comes back', options, async (t) => {
  const { one, two, host } = await connected(t);
  await one.send('a');
  await two.received(1);

  await host.vanish();
  await two.send('b');
  await sendsAgain(host);
  assert.equal(one.bytes, 0);

  await host.comeBack();
  await one.received(1);
  assert.equal(one.text, 'b');
});

test('a connect from a host ends as its own network has it', options, async (t) => {
  const network = await startNetwork(t);
  const [client, host] = [await network.host('client'), await network.host('backend')];
  const [from, to] = [socketsOf(t, client), { ip: host.ip, port: 80 }];
  const server = await socketsOf(t, host).listen(to.ip, to.port);
  t.after(() => void server.close());
  server.on('connection', (socket) => socket.on('error', () => undefined).resume());

  await client.localPorts(40_000, 40_001);
  const sockets = [await from.connect(to), await from.connect(to)];
  await assert.rejects(from.connect(to), { code: 'EADDRNOTAVAIL' });
  for (const socket of sockets) socket.resetAndDestroy();

  await client.localPorts(40_000, 50_000);
  await host.reject(80);
  await assert.rejects(from.connect(to), { code: 'ECONNREFUSED' });
  await assert.rejects(from.connect({ ...to, port: 81 }), { code: 'ECONNREFUSED' });
  await host.accept(80);
  (await from.connect(to)).destroy();
});

test('names that move: programs see the /etc of their host', options, async (t) => {
  const network = await startNetwork(t);
  const host = await network.host('client');
  host.etc('hosts', '10.77.0.2 backend\n');
  assert.match(await host.run('getent', ['hosts', 'backend']), /^10\.77\.0\.2 +backend\n$/);
});

test('what a killed test left behind is gone when the next one begins', options, async (t) => {
  const program = `const { startNetwork } = await import(${JSON.stringify(import.meta.resolve('./network.js'))});
    const network = await startNetwork({ after() {} });
    const host = await network.host('lost');
    host.etc('hosts', '');
    process.send(host.netns);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [lost] = (await once(child, 'message')) as [string];
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert(existsSync(`/run/netns/${lost}`));

  await startNetwork(t);
  assert.deepEqual([existsSync(`/run/netns/${lost}`), existsSync(`/etc/netns/${lost}`)], [false, false]);
});
