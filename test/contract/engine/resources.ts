import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Snapshot } from '../../../src/core/snapshot.ts';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import type { LimitedPlaneState } from '../../helpers/processes/limited-plane-process.ts';
import { startLimitedPlane, type LimitedPlane } from '../../helpers/processes/limited-plane.ts';
import { killWorker, workersStarted } from '../../helpers/processes/workers.ts';
import type { TestPlane } from '../../helpers/rigs/plane.ts';
import { banner, echo, startBackend } from '../../helpers/sockets/backends.ts';
import { connectTo, type Peer } from '../../helpers/sockets/peer.ts';
import type { Check, EngineUnderTest } from '../engine.ts';

const DESCRIPTORS = 64;
const FLOOD = 100;

/** Of this process alone, so that nobody else takes the port while nobody listens. */
const OWN_ADDRESS = { ip: `127.77.${(process.pid >> 8) & 255}.${process.pid & 255}`, port: 8080 };

/** What runs out, and what dies. */
export function resources(check: Check, { kind, pausesAccepting }: EngineUnderTest): void {
  if (!pausesAccepting) turnsAway(check, kind);
  else pauses(check, kind);

  check('a thread that dies gives back what it held, and another takes its place', async (t, start) => {
    const backends = [await startBackend(t, echo), await startBackend(t, echo)];
    const threads = workersStarted(t);
    const plane = await start({
      backends: backends.map(({ address }) => address),
      binds: [OWN_ADDRESS],
      limits: { maxConnections: 2 },
      threads: 1,
    });
    await plane.offer([1]);
    const open = [plane.client(), plane.client()];
    for (const client of open) {
      await client.send('x');
      await client.received(1);
    }
    await killWorker(threads[0], () => open[0]?.socket.write('.'));
    await Promise.all(open.map((client) => client.until('an end', () => client.hasEnded)));
    await plane.until(() => plane.logs.some(({ message }) => message === 'data-plane thread died'));
    await plane.untilActive(0);
    assert.deepEqual(
      [0, 1].map((one) => plane.ledger.active(plane.slot(one))),
      [0, 0],
    );
    const client = await firstServed(plane);
    assert.equal(threads.length, 2);
    await client.finish('again');
    assert.equal((await client.closed()).bytes, 5);
    assert.deepEqual(
      backends.map(({ peers }) => peers.length),
      [0, 3],
      'the backends are those last published',
    );
    await plane.finished(1);
    assert.deepEqual([plane.totals().accepted, plane.totals().active], [3, 0]);
  });

  check('a thread that stumbles over a defect dies alone, and another takes its place', async (t, start) => {
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address], binds: [OWN_ADDRESS], threads: 1 });
    const before = await plane.client().send('x');
    await before.received(1);
    plane.plane.publish(1, { version: 1.5 } as Snapshot); // no backends: elections cannot be prepared
    await plane.offer([0]);
    await before.until('an end', () => before.hasEnded);
    assert.deepEqual(
      plane.logs.map(({ level, message }) => [level, message]),
      [['error', 'data-plane thread died']],
    );
    const client = await firstServed(plane);
    await client.finish('again');
    assert.equal((await client.closed()).bytes, 5);
    await plane.untilActive(0);
  });

  check('a removed server whose thread dies has retired', async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const threads = workersStarted(t);
    const plane = await start({ backends: [backend.address], threads: 1 });
    const client = await plane.client().received(2);
    await plane.remove();
    await killWorker(threads[0], () => client.socket.write('.'));
    await plane.plane.retired(1);
    assert.equal(plane.totals().active, 0);
  });
}

function turnsAway(check: Check, engine: EngineKind): void {
  check('without descriptors clients are turned away, and served again when there are some', async (t) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await startLimitedPlane(t, { engine, descriptors: DESCRIPTORS, backend: backend.port });
    const flood = async (): Promise<readonly Peer[]> => {
      const clients = crowd(t, plane);
      await Promise.all(clients.map((one) => one.until('an answer', () => one.bytes > 0 || one.hasEnded)));
      for (const client of clients) if (client.bytes === 0) client.socket.destroy();
      return clients.filter(isServed);
    };
    const inside = await flood();
    assert(inside.length > 0 && inside.length < DESCRIPTORS / 2, `${inside.length} let in`);
    const full = await plane.state();
    assert.deepEqual([full.active, full.noResources], [inside.length, FLOOD - inside.length]);
    checkCalm(full, 'client turned away: out of resources');
    for (const client of inside) client.socket.end();
    await Promise.all(inside.map((client) => client.closed()));
    await plane.empty();
    assert.equal((await flood()).length, inside.length);
  });
}

function pauses(check: Check, engine: EngineKind): void {
  check('without descriptors clients wait in the backlog, and are served when there are some', async (t) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await startLimitedPlane(t, { engine, descriptors: DESCRIPTORS, backend: backend.port });
    const clients = crowd(t, plane);
    await Promise.all(clients.map((client) => client.connected()));
    await Promise.race(clients.map((client) => client.received(2)));
    let full = await plane.state();
    while (clients.filter(isServed).length !== full.active) full = await plane.state();
    assert(full.active > 0 && full.active < DESCRIPTORS / 2, `${full.active} let in`);
    assert.equal(full.noResources, 0);
    checkCalm(full, 'accepting pauses: out of resources');
    const finished = clients.map(async (client) => {
      await client.received(2);
      client.socket.end();
      return client.closed();
    });
    assert.deepEqual(
      (await Promise.all(finished)).map(({ bytes, end }) => [bytes, end]),
      clients.map(() => [2, 'FIN']),
    );
    await plane.empty();
    assert.equal((await plane.state()).noResources, 0);
    assert.equal((await connectTo(t, { ip: '127.0.0.1', port: plane.port }).received(2)).text, 'in');
  });
}

function crowd(t: TestContext, { port }: LimitedPlane): readonly Peer[] {
  return Array.from({ length: FLOOD }, () => connectTo(t, { ip: '127.0.0.1', port }));
}

function isServed({ bytes }: Peer): boolean {
  return bytes > 0;
}

/** Full, it does nothing, and has said so once. */
function checkCalm({ idleCpuShare, logs }: LimitedPlaneState, warning: string): void {
  assert(idleCpuShare < 0.5, `uses ${idleCpuShare} of a processor with nothing to do`);
  assert.deepEqual(
    logs.filter(({ message }) => message === warning).map(({ level, reason }) => [level, reason]),
    [['warn', 'EMFILE']],
  );
}

/** Tries again as long as nobody listens. */
async function firstServed(plane: TestPlane): Promise<Peer> {
  for (;;) {
    const client = plane.client();
    await client.until('an answer', () => client.hasEnded || client.isConnected);
    if (client.isConnected) return client;
  }
}
