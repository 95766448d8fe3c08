import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { whyNoEngine } from '../../src/data/engines/registry.ts';
import type { Host } from '../helpers/netns/host.ts';
import { startNetwork } from '../helpers/netns/network.ts';
import { whyNoNetns } from '../helpers/netns/why-no-netns.ts';
import { serverToml } from '../helpers/processes/cli.ts';
import { startDaemon } from '../helpers/processes/daemon.ts';

const skip = whyNoEngine('epoll') ?? whyNoNetns();

/** Answers with where a datagram came from. */
const BACKEND = `
  const socket = require('node:dgram').createSocket(process.argv[1]);
  socket.on('message', (text, { address, port }) => socket.send(address + ' ' + port + ' ' + text, port, address));
  socket.bind(7000, process.argv[2], () => console.log('ready'));
`;

/** Prints its own port, and the answers to two questions. */
const CLIENT = `
  const [type, ip, port] = process.argv.slice(1);
  const socket = require('node:dgram').createSocket(type);
  const answers = [];
  socket.on('message', (text) => {
    answers.push(String(text));
    if (answers.length < 2) return socket.send('two');
    console.log(JSON.stringify({ port: socket.address().port, answers }));
    process.exit();
  });
  socket.connect(Number(port), ip, () => socket.send('one'));
  setTimeout(() => process.exit(1), 10000);
`;

/** The backend's way back to the client leads through the balancer, which takes what is for the client as its own. */
async function routeBack({
  client,
  balancer,
  backend,
}: Record<'client' | 'balancer' | 'backend', Host>): Promise<void> {
  await backend.ipTool(`route add ${client.ip}/32 via ${balancer.ip}`);
  await backend.ipTool(`-6 route add ${client.ipv6}/128 via ${balancer.ipv6}`);
  for (const [family, from, all] of [
    ['-4', backend.ip, '0.0.0.0/0'],
    ['-6', backend.ipv6, '::/0'],
  ]) {
    await balancer.ipTool(`${family} rule add from ${from} iif eth0 lookup 100`);
    await balancer.ipTool(`${family} route add local ${all} dev lo table 100`);
  }
}

async function startBackend(t: TestContext, host: Host, type: string, ip: string): Promise<void> {
  const [command, ...args] = [...host.through, process.execPath, '-e', BACKEND, type, ip];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  await once(child.stdout, 'data');
}

test('a backend sees the address of the client, and its answers come back', { skip, timeout: 60_000 }, async (t) => {
  const network = await startNetwork(t);
  const hosts = {
    client: await network.host('client'),
    balancer: await network.host('balancer'),
    backend: await network.host('backend'),
  };
  await routeBack(hosts);
  const { client, balancer, backend } = hosts;
  for (const family of ['ip', 'ipv6'] as const) {
    const type = family === 'ip' ? 'udp4' : 'udp6';
    const bracketed = (ip: string) => (family === 'ip' ? ip : `[${ip}]`);
    await startBackend(t, backend, type, backend[family]);
    const keys = {
      bind: `${bracketed(balancer[family])}:5300`,
      protocol: 'udp',
      engine: 'epoll',
      client_idle_timeout: '10s',
    };
    const toml = `${serverToml('dns', [`${bracketed(backend[family])}:7000`], keys)}[servers.dns.udp]
transparent = true
`;
    const daemon = await startDaemon(toml, 1, { host: balancer });
    t.after(() => daemon.kill());
    const told = await client.run(process.execPath, ['-e', CLIENT, type, balancer[family], '5300']);
    const { port, answers } = JSON.parse(told) as { readonly port: number; readonly answers: readonly string[] };
    assert.deepEqual(answers, [`${client[family]} ${port} one`, `${client[family]} ${port} two`]);
  }
});
