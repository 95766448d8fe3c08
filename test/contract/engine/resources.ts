import assert from 'node:assert/strict';
import type { Worker } from 'node:worker_threads';
import { banner, echo, startBackend } from '../../helpers/backends.ts';
import { startLimitedPlane } from '../../helpers/limited-plane.ts';
import { connectTo, type Peer } from '../../helpers/peer.ts';
import type { TestPlane } from '../../helpers/plane.ts';
import type { Check } from '../engine.ts';

const DESCRIPTORS = 64;
const FLOOD = 100;

/** Of this process alone, so that nobody else takes the port while nobody listens. */
const OWN_ADDRESS = { ip: `127.77.${(process.pid >> 8) & 255}.${process.pid & 255}`, port: 8080 };

/** What runs out, and what dies. */
export function resources(check: Check): void {
  check('without descriptors clients are turned away, and served again when there are some', async (t) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await startLimitedPlane(t, DESCRIPTORS, backend.port);
    const flood = async (): Promise<readonly Peer[]> => {
      const clients = Array.from({ length: FLOOD }, () => connectTo(t, { ip: '127.0.0.1', port: plane.port }));
      await Promise.all(clients.map((one) => one.until('an answer', () => one.bytes > 0 || one.hasEnded)));
      for (const client of clients) if (client.bytes === 0) client.socket.destroy();
      return clients.filter(({ bytes }) => bytes > 0);
    };
    const inside = await flood();
    assert(inside.length > 0 && inside.length < DESCRIPTORS / 2, `${inside.length} let in`);
    const full = await plane.state();
    assert.deepEqual([full.active, full.turnedAway], [inside.length, FLOOD - inside.length]);
    assert(full.idleCpuShare < 0.5, `uses ${full.idleCpuShare} of a processor with nothing to do`);
    const warnings = full.logs.filter(({ message }) => message === 'client turned away: out of resources');
    assert.deepEqual(
      warnings.map(({ level, reason }) => [level, reason]),
      [['warn', 'EMFILE']],
    );
    for (const client of inside) client.socket.end();
    await Promise.all(inside.map((client) => client.closed()));
    await plane.empty();
    assert.equal((await flood()).length, inside.length);
  });

  check('a thread that dies gives back what it held, and another takes its place', async (t, start) => {
    const backends = [await startBackend(t, echo), await startBackend(t, echo)];
    const threads = workersStarted(t);
    const plane = await start({
      backends: backends.map(({ address }) => address),
      binds: [OWN_ADDRESS],
      limits: { maxConnections: 2 },
    });
    await plane.offer([1]);
    const open = [plane.client(), plane.client()];
    for (const client of open) {
      await client.send('x');
      await client.received(1);
    }
    await threads[0]?.terminate();
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

  check('a removed server whose thread dies has retired', async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const threads = workersStarted(t);
    const plane = await start({ backends: [backend.address] });
    await plane.client().received(2);
    await plane.remove();
    await threads[0]?.terminate();
    await plane.plane.retired(1);
    assert.equal(plane.totals().active, 0);
  });
}

/** Tries again as long as nobody listens. */
async function firstServed(plane: TestPlane): Promise<Peer> {
  for (;;) {
    const client = plane.client();
    await client.until('an answer', () => client.hasEnded || client.isConnected);
    if (client.isConnected) return client;
  }
}

/** Threads of this process that are started from now on. */
function workersStarted(t: { after(run: () => void): void }): readonly Worker[] {
  const workers: Worker[] = [];
  const add = (worker: Worker) => void workers.push(worker);
  process.on('worker', add);
  t.after(() => void process.off('worker', add));
  return workers;
}
