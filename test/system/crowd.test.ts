import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { runTool } from '../../scripts/bench/tools.ts';
import { whyNoEngine, type EngineKind } from '../../src/data/engines/registry.ts';
import { openFilesLimit } from '../../src/io/open-files.ts';
import { serverToml } from '../helpers/processes/cli.ts';
import { startDaemon, type DaemonProcess, type DaemonState } from '../helpers/processes/daemon.ts';
import { usageOf } from '../helpers/processes/tools.ts';
import { sha256 } from '../helpers/sockets/payload.ts';
import { connectTo, type Peer } from '../helpers/sockets/peer.ts';
import { Fleet } from '../soak/fleet.ts';
import { requestLine } from '../soak/request.ts';
import { stretch } from '../soak/stream.ts';

const CLIENTS = 5000;
const OPENING_AT_ONCE = 250;
const PAYLOAD_BYTES = 4 * 1024;
/** For files, threads and what a test runner has open itself. */
const SPARE_DESCRIPTORS = 200;

const IDLE_SECONDS = 11;
/** Of a core, by processor time. */
const MOST_IDLE_CPU = 0.01;

for (const engine of ['epoll', 'net'] as const) {
  test(
    `${engine}: 10,000 sockets at once work, and cost next to nothing while they are idle`,
    { skip: whyNoEngine(engine) ?? tooFewDescriptors() ?? false },
    async (t) => {
      const fleet = new Fleet(2);
      t.after(() => fleet.stop());
      await fleet.start();
      const daemon = await startDaemon(configOf(engine, fleet), 2);
      t.after(() => daemon.stop());
      await talk(await open(t, daemon, 0), 0);
      const before = await settled(daemon, 1);

      const clients = await openAll(t, daemon);
      const full = await daemon.state();
      const idleCpu = await idleShare(daemon.pid);
      await Promise.all(clients.map(talk));
      const after = await settled(daemon, 1 + CLIENTS, before);

      console.log(
        `\n${engine}: ${CLIENTS} clients, CPU while they are idle: ${(idleCpu * 100).toFixed(2)} % of a core`,
      );
      console.table({ before: shown(before), 'all open': shown(full), after: shown(after) });
      assert.deepEqual([full.totals.active, sum(full.backendsActive)], [CLIENTS, CLIENTS]);
      assert.ok(full.descriptors >= before.descriptors + 2 * CLIENTS, `${full.descriptors} descriptors`);
      assert.deepEqual([after.totals.active, sum(after.backendsActive)], [0, 0]);
      assert.ok(after.descriptors <= before.descriptors, `${after.descriptors} descriptors`);
      assert.ok(idleCpu < MOST_IDLE_CPU, `uses ${idleCpu} of a core while nothing happens`);
    },
  );
}

/** @returns why the test cannot run here */
function tooFewDescriptors(): string | undefined {
  const allowed = openFilesLimit() ?? 0;
  const needed = 2 * CLIENTS + SPARE_DESCRIPTORS;
  return allowed >= needed ? undefined : `needs ${needed} open files, and ${allowed} are allowed (ulimit -n)`;
}

function configOf(engine: EngineKind, fleet: Fleet): string {
  return serverToml('web', fleet.keys, { engine, bind: ['127.0.0.1:0', '127.0.0.2:0'] });
}

/** A client whose connection to a backend is known to be open: the backend has said its name. */
async function open(t: TestContext, { addresses }: DaemonProcess, index: number): Promise<Peer> {
  const peer = connectTo(t, addresses[index % addresses.length]!);
  await peer.send(
    requestLine({ exchange: 'echo', upSeed: index, downSeed: 0, downBytes: 0, deafMs: 0, takesBytes: 0 }),
  );
  await peer.until('a name', () => peer.text.endsWith('\n'));
  return peer;
}

async function openAll(t: TestContext, daemon: DaemonProcess): Promise<readonly Peer[]> {
  const clients: Peer[] = [];
  while (clients.length < CLIENTS) {
    const next = Array.from({ length: OPENING_AT_ONCE }, (_, n) => open(t, daemon, clients.length + n));
    clients.push(...(await Promise.all(next)));
  }
  return clients;
}

/** Sends bytes that no other client sends, gets them back, and both sides finish. */
async function talk(client: Peer, index: number): Promise<void> {
  const sent = stretch(index, 0, PAYLOAD_BYTES);
  const expected = Buffer.concat([Buffer.from(client.text), sent]);
  await client.finish(sent);
  assert.deepEqual(await client.closed(), { bytes: expected.length, sha256: sha256(expected), end: 'FIN' });
}

/** Waits until so many connections have ended and, where it is given, no more is open than before. */
async function settled(daemon: DaemonProcess, connections: number, before?: DaemonState): Promise<DaemonState> {
  for (;;) {
    const state = await daemon.state();
    const ended = sum(Object.values(state.totals.causes));
    if (ended === connections && state.descriptors <= (before?.descriptors ?? Infinity)) return state;
  }
}

/** Processor time by wall-clock time in the median second: what V8 still collects of the opening comes in two or three. */
async function idleShare(pid: number): Promise<number> {
  const shares: number[] = [];
  while (shares.length < IDLE_SECONDS) shares.push(await idleSecond(pid));
  return shares.sort((a, b) => a - b)[IDLE_SECONDS >> 1] ?? NaN;
}

async function idleSecond(pid: number): Promise<number> {
  const before = { cpuMs: usageOf(pid).cpuMs, at: performance.now() };
  await runTool('sleep', ['1']);
  return (usageOf(pid).cpuMs - before.cpuMs) / (performance.now() - before.at);
}

function shown({ totals, descriptors, rssBytes }: DaemonState): Readonly<Record<string, number>> {
  return { connections: totals.active, descriptors, rssMib: Math.round(rssBytes / 1024 / 1024) };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
