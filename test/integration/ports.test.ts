import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { runTool } from '../../scripts/bench/tools.ts';
import { addressText, type SocketAddress } from '../../src/core/address.ts';
import { ENGINE_KINDS, whyNoEngine, type EngineKind } from '../../src/data/engines/registry.ts';
import { setLocalPorts, testsInside } from '../helpers/netns/inside.ts';
import { temporaryFolder } from '../helpers/processes/cli.ts';
import { startPlane, type PlaneOptions, type TestPlane } from '../helpers/rigs/plane.ts';
import { RunningApp } from '../helpers/rigs/running-app.ts';
import { banner, startBackend, type TestBackend } from '../helpers/sockets/backends.ts';
import { connectTo, type Peer } from '../helpers/sockets/peer.ts';
import { eventually } from '../helpers/sockets/turns.ts';

const PORTS = 10;
/** A test that takes longer hangs. */
const TIMEOUT_MS = 30_000;

/** Addresses and ports of one test alone: those of the one before are in TIME_WAIT. */
class Scene {
  static #scenes = 0;
  readonly #number = Scene.#scenes++;
  /** Outside of the ports that listeners on port 0 have got before. */
  readonly first = 20_000 + 100 * this.#number;
  readonly backends: readonly SocketAddress[] = [8_001, 8_002].map((port) => ({ ip: `127.1.${this.#number}.1`, port }));
  readonly sources = [2, 3].map((last) => `127.1.${this.#number}.${last}`);

  /** As the log has it. */
  name(position: number): string {
    const [one, two] = this.backends.map(addressText);
    return (position === 0 ? one : two) ?? '';
  }

  /** A plane that clients reach without a port, and whose dials have so many. */
  async plane(t: TestContext, options: PlaneOptions, ports = PORTS): Promise<TestPlane> {
    setLocalPorts(this.first, this.first + ports - 1);
    return startPlane(t, { ...options, binds: [{ path: join(temporaryFolder(t), 'tslb.sock') }] });
  }

  async start(t: TestContext): Promise<readonly [TestBackend, TestBackend]> {
    const [one, two] = await Promise.all(this.backends.map((at) => startBackend(t, banner('in'), { at })));
    return [one!, two!];
  }
}

testsInside(import.meta.url, () => {
  test('datagrams of checks that a firewall of this host drops', { timeout: TIMEOUT_MS }, dropsDatagrams);
  for (const kind of ENGINE_KINDS) {
    const skip = whyNoEngine(kind) ?? false;
    for (const ip of ['127.0.0.1', '0.0.0.0', '::1', '::ffff:127.0.0.1']) {
      const name = `a socket that is connected to itself at ${ip} is a refused one, and its port is free (${kind})`;
      test(name, { skip, timeout: TIMEOUT_MS }, (t) => connectsToItself(t, kind, ip));
    }
    test(`what a rule of this host prohibits is no fault of a backend (${kind})`, { skip, timeout: TIMEOUT_MS }, (t) =>
      isProhibited(t, kind),
    );
    test(`without a port for one backend the next one is tried (${kind})`, { skip, timeout: TIMEOUT_MS }, (t) =>
      triesTheNext(t, kind),
    );
    test(
      `without a port for any backend clients are closed, and no backend is to blame (${kind})`,
      { skip, timeout: TIMEOUT_MS },
      (t) => blamesNone(t, kind),
    );
    test(
      `where one source address has no port left, the next one is taken (${kind})`,
      { skip, timeout: TIMEOUT_MS },
      (t) => takesTheNextSource(t, kind),
    );
    test(
      `a source address that is none of this host is passed over, and told of (${kind})`,
      { skip, timeout: TIMEOUT_MS },
      (t) => passesOverStrangers(t, kind),
    );
    test(
      `with all ports in use no backend goes down, and on_down cuts nobody (${kind})`,
      { skip, timeout: TIMEOUT_MS },
      (t) => survives(t, kind),
    );
  }
});

async function isProhibited(t: TestContext, engine: EngineKind): Promise<void> {
  const scene = new Scene();
  await scene.start(t);
  await runTool('ip', ['route', 'replace', 'prohibit', '192.0.2.0/24']);
  const [served] = scene.backends;
  const backends = [{ ip: '192.0.2.1', port: 80 }, served!];
  const plane = await scene.plane(t, { engine, backends, priorities: [1, 2], maxFails: 1 });
  assert.equal((await plane.client().received(2)).text, 'in');
  assert.deepEqual(lacks(plane), ['permission 192.0.2.1:80']);
  assert.deepEqual(blame(plane), []);
}

async function connectsToItself(t: TestContext, engine: EngineKind, ip: string): Promise<void> {
  const scene = new Scene();
  const at = { ip, port: scene.first };
  const plane = await scene.plane(t, { engine, backends: [at], maxFails: 0 }, 2);
  for (let n = 0; n < 20; n++) {
    const client = plane.client();
    client.socket.write('hello?');
    await client.until('an answer', () => client.hasEnded || client.bytes > 0);
    assert.equal(client.bytes, 0, 'it reads its own bytes');
  }
  const causes = (await plane.finished(20)).map(({ cause }) => cause);
  assert.deepEqual(new Set(causes), new Set(['SC']));
  assert.equal(plane.ledger.backendTotals(plane.slot(0)).refused, 20);
  // Bound at once: no TIME_WAIT is left on its port.
  await startBackend(t, banner('here'), { at });
  assert.equal((await plane.client().received(4)).text, 'here');
}

async function triesTheNext(t: TestContext, engine: EngineKind): Promise<void> {
  const scene = new Scene();
  const { backends } = scene;
  const [one, two] = await scene.start(t);
  const plane = await scene.plane(t, { engine, backends, priorities: [1, 2], maxFails: 1 });
  const clients = await crowd(plane, PORTS + 3);
  assert.deepEqual(new Set(clients.map(({ text }) => text)), new Set(['in']));
  assert.deepEqual([one.peers.length, two.peers.length], [PORTS, 3]);
  assert.deepEqual(blame(plane), []);
  assert.deepEqual(lacks(plane), [`ports ${scene.name(0)}`]);
}

async function blamesNone(t: TestContext, engine: EngineKind): Promise<void> {
  const scene = new Scene();
  const { backends } = scene;
  const [one] = await scene.start(t);
  const plane = await scene.plane(t, { engine, backends, maxFails: 1 });
  await crowd(plane, 2 * PORTS);
  const further = await Promise.all(Array.from({ length: 3 }, () => plane.client().ended()));
  assert.deepEqual(new Set(further.map(({ bytes }) => bytes)), new Set([0]));
  assert.deepEqual(new Set((await plane.finished(3)).map(({ cause }) => cause)), new Set(['RC']));
  assert.deepEqual(blame(plane), []);
  assert.deepEqual(lacks(plane), [`ports ${scene.name(0)}`, `ports ${scene.name(1)}`]);
  // A port that comes free is used; a reset leaves it no TIME_WAIT.
  const [first] = one.peers;
  first?.socket.resetAndDestroy();
  await plane.finished(4);
  let served: Peer;
  do {
    served = plane.client();
    await served.until('an answer', () => served.bytes > 0 || served.hasEnded);
  } while (served.bytes === 0);
}

async function takesTheNextSource(t: TestContext, engine: EngineKind): Promise<void> {
  const scene = new Scene();
  const { backends, sources } = scene;
  const [one, two] = await scene.start(t);
  const limits = { sourceAddresses: sources };
  const plane = await scene.plane(t, { engine, backends, priorities: [1, 2], limits, maxFails: 1 });
  await crowd(plane, 2 * PORTS);
  const seen = one.peers.map(({ socket }) => socket.remoteAddress).sort();
  assert.deepEqual(
    seen,
    sources.flatMap((source) => Array<string>(PORTS).fill(source)),
  );
  assert.deepEqual(lacks(plane), [], 'nothing is lacking as long as one of them has a port');
  const client = plane.client();
  if (engine === 'net') {
    // Node binds a source address with a port, which serves one destination alone.
    assert.equal((await client.ended()).bytes, 0);
    assert.equal((await plane.finished(1))[0]?.cause, 'RC');
  } else {
    await client.received(2);
    assert.equal(two.peers[0]?.socket.remoteAddress, sources[0], 'ports are counted for each destination');
  }
  assert.deepEqual(blame(plane), []);
}

async function passesOverStrangers(t: TestContext, engine: EngineKind): Promise<void> {
  const scene = new Scene();
  const { backends, sources } = scene;
  const [one] = await scene.start(t);
  const limits = { sourceAddresses: ['192.0.2.7', ...sources] };
  const plane = await scene.plane(t, { engine, backends: backends.slice(0, 1), limits, maxFails: 1 });
  await crowd(plane, 3);
  assert.deepEqual(new Set(one.peers.map(({ socket }) => socket.remoteAddress)), new Set(sources.slice(0, 1)));
  assert.deepEqual(lacks(plane), ['source_address 192.0.2.7']);
  assert.deepEqual(blame(plane), []);
  await plane.reconfigure({ limits: { sourceAddresses: ['192.0.2.7'] } });
  assert.equal((await plane.client().ended()).bytes, 0);
  assert.equal((await plane.finished(1))[0]?.cause, 'RC');
  assert.deepEqual(blame(plane), []);
}

/** What the firewall drops fails at the send with EPERM; of TCP it is silent. */
async function dropsDatagrams(t: TestContext): Promise<void> {
  const scene = new Scene();
  await scene.start(t);
  await runTool('iptables', ['--wait', '-A', 'OUTPUT', '-p', 'udp', '--dport', '8001', '-j', 'DROP']);
  const running = await RunningApp.start(t, [scene.name(0)], {
    'healthcheck.kind': 'probe',
    'healthcheck.interval': '20ms',
    'healthcheck.probe_protocol': 'udp',
    'healthcheck.probe_send': 'x',
    'healthcheck.probe_recv': 'y',
  });
  const [told] = await running.logged('a rule of this host forbids a connection');
  assert.deepEqual([told?.['about'], told?.['code']], [scene.name(0), 'EPERM']);
  assert.equal(running.app.server('web').backends()[0]?.health?.isLive, true);
}

async function survives(t: TestContext, engine: EngineKind): Promise<void> {
  setLocalPorts(32_768, 60_999);
  const scene = new Scene();
  await scene.start(t);
  const keys = { engine, on_down: 'close', max_fails: 1 };
  const running = await RunningApp.start(t, [scene.name(0)], keys);
  setLocalPorts(scene.first, scene.first + 2 * PORTS - 1);
  const clients: Peer[] = [];
  for (let n = 0; n < 2 * PORTS; n++) clients.push(await connectTo(t, running.address).received(2));

  await running.reload([scene.name(0)], { 'healthcheck.kind': 'ping', 'healthcheck.interval': '20ms' });
  const [told] = await running.logged('no local port is left for a connection');
  assert.deepEqual([told?.['level'], told?.['about'], told?.['code']], ['warning', scene.name(0), 'EADDRNOTAVAIL']);
  const health = () => running.app.server('web').backends()[0]?.health;
  const checkedAt = health()?.checkedAt ?? 0;
  await eventually(() => (health()?.checkedAt ?? 0) > checkedAt);
  assert.deepEqual([health()?.isLive, health()?.state], [true, 'unchecked']);
  assert.deepEqual(
    clients.filter(({ hasEnded }) => hasEnded),
    [],
  );
  assert.equal((await running.logged('no local port is left for a connection')).length, 1);
}

/** Clients that are served and stay, one after the other. */
async function crowd(plane: TestPlane, count: number): Promise<readonly Peer[]> {
  const clients: Peer[] = [];
  for (let n = 0; n < count; n++) clients.push(await plane.client().received(2));
  return clients;
}

/** What was held against backends. */
function blame(plane: TestPlane): readonly unknown[] {
  const refused = [0, 1].map((position) => plane.slot(position)).filter((slot) => slot >= 0);
  const counted = refused.filter((slot) => plane.ledger.backendTotals(slot).refused > 0);
  return [...plane.failures, ...counted, ...plane.logs.filter(({ message }) => message === 'backend connect failed')];
}

/** What this host was found to lack, by whichever thread. */
function lacks(plane: TestPlane): readonly string[] {
  return [...new Set(plane.shortages.map(({ shortage, about }) => `${shortage} ${about}`))].sort();
}
