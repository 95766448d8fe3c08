import assert from 'node:assert/strict';
import type { ThreadReport } from '../../../src/data/protocol/messages.ts';
import { killWorker, workersStarted } from '../../helpers/processes/workers.ts';
import { ANY_PORT } from '../../helpers/rigs/plane.ts';
import { banner, echo, startBackend } from '../../helpers/sockets/backends.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import { eventually } from '../../helpers/sockets/turns.ts';
import type { Check, EngineUnderTest } from '../engine.ts';

const CLIENTS = 40;

const ELSEWHERE = { ip: '127.0.0.3', port: 0 };

/** Several threads before the same backends. An engine that cannot share a listener has one of several binds on each. */
export function threads(check: Check, { sharesListeners }: EngineUnderTest): void {
  const BINDS = sharesListeners ? [ANY_PORT] : [ANY_PORT, { ip: '127.0.0.2', port: 0 }];

  check('a thread takes its share, and dies without harm to those of the other', async (t, start) => {
    const backend = await startBackend(t, echo);
    const workers = workersStarted(t);
    const plane = await start({ backends: [backend.address], binds: BINDS, threads: 2 });
    const clients: Peer[] = [];
    for (let n = 0; n < CLIENTS; n++) {
      const client = await plane.client({ at: plane.addresses[n % BINDS.length]! }).send('x');
      clients.push(await client.received(1));
    }
    assert.equal(workers.length, 2);
    await killWorker(workers[0], () => {
      for (const client of clients) client.socket.write('.');
    });
    await plane.until(() => plane.logs.some(({ message }) => message === 'data-plane thread died'));
    await eventually(() => clients.filter(({ hasEnded }) => hasEnded).length === CLIENTS - plane.ledger.serverActive());
    const left = clients.filter(({ hasEnded }) => !hasEnded);
    assert.ok(left.length >= CLIENTS / 3 && left.length <= (CLIENTS * 2) / 3, `${left.length} of ${CLIENTS} live on`);
    for (const client of left) await client.finish('y');
    for (const client of left) await client.closed();
    await plane.untilActive(0);
  });

  check('a limit and the turn of the backends are one for all threads', async (t, start) => {
    const backends = [await startBackend(t, banner('in')), await startBackend(t, banner('in'))];
    const plane = await start({
      backends: backends.map(({ address }) => address),
      binds: BINDS,
      threads: 2,
      limits: { maxConnections: 30 },
    });
    const clients = Array.from({ length: CLIENTS }, (_, n) => plane.client({ at: plane.addresses[n % BINDS.length]! }));
    await Promise.all(clients.map((one) => one.until('an answer or an end', () => one.bytes > 0 || one.hasEnded)));
    assert.equal(clients.filter(({ bytes }) => bytes > 0).length, 30);
    assert.deepEqual(
      backends.map(({ peers }) => peers.length),
      [15, 15],
    );
    for (const client of clients) client.socket.end();
    await plane.settled(CLIENTS);
    assert.deepEqual(
      plane.logs.map(({ message }) => message),
      ['client rejected'],
    );
  });

  check('a thread that dies during a reload does not bring the old configuration back', async (t, start) => {
    const backend = await startBackend(t, echo);
    const workers = workersStarted(t);
    const plane = await start({ backends: [backend.address], binds: BINDS, threads: 2 });
    const wakers = Array.from({ length: CLIENTS }, (_, n) => plane.client({ at: plane.addresses[n % BINDS.length]! }));
    for (const client of wakers) await client.connected();
    const changed = plane.reconfigure({ binds: [ELSEWHERE] });
    await killWorker(workers[0], () => {
      for (const client of wakers) client.socket.write('.');
    });
    const [elsewhere] = await changed;
    const settled = new Promise<void>((resolve) => {
      workers[1]?.on('message', ({ type }: ThreadReport) => {
        if (type === 'settled') resolve();
      });
    });
    await settled; // what the death set off has been done
    const client = await plane.client({ at: elsewhere! }).finish('x');
    assert.equal((await client.closed()).bytes, 1);
    for (const waker of wakers) waker.socket.destroy();
  });

  if (!sharesListeners) return;

  check('while a thread is replaced, no client is lost', async (t, start) => {
    const backend = await startBackend(t, echo);
    const workers = workersStarted(t);
    const plane = await start({ backends: [backend.address], threads: 2 });
    const died = killWorker(workers[0], () => plane.client().socket.end());
    for (let n = 0; n < CLIENTS || workers.length < 3; n++) {
      const client = plane.client();
      await client.until('a connection', () => client.isConnected || client.hasEnded);
      assert.ok(client.isConnected, 'a client was refused');
      client.socket.end();
    }
    await died;
    await plane.untilActive(0);
  });
}
