import assert from 'node:assert/strict';

import { systemClock } from '../../../src/core/clock.ts';
import { ClientTable } from '../../../src/ledger/client-table.ts';
import { LIMITS } from '../../helpers/rigs/frontend.ts';
import type { TestPlane } from '../../helpers/rigs/plane.ts';
import { banner, REFUSING, startBackend } from '../../helpers/sockets/backends.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import { eventually } from '../../helpers/sockets/turns.ts';
import type { Check } from '../engine.ts';

const HELD_MS = 20;
const QUEUE = { ...LIMITS.queue, timeoutMs: 60_000 };

/** Who waits for a backend, in which order and for how long. */
export function queue(check: Check): void {
  check('fifty clients of a backend with one place are served in order, and it never sees two', async (t, start) => {
    const served: string[] = [];
    let inside = 0;
    let mostInside = 0;
    // It keeps each client for a while after it has heard its name.
    const backend = await startBackend(t, (peer) => {
      inside += 1;
      mostInside = Math.max(mostInside, inside);
      void peer.received(2).then(() => {
        served.push(peer.text);
        systemClock.after(HELD_MS, () => {
          inside -= 1;
          peer.socket.end(peer.text);
        });
      });
    });
    const plane = await start({ backends: [backend.address], maxConnections: [1], limits: { queue: QUEUE } });
    const names = Array.from({ length: 50 }, (_, n) => String(10 + n));
    const clients: Peer[] = [];
    for (const [before, name] of names.entries()) {
      const client = await plane.client().connected();
      await client.finish(name);
      // The next one comes when this one has its place.
      await eventually(() =>
        before === 0 ? plane.ledger.active(plane.slot(0)) === 1 : plane.totals().queued >= before,
      );
      clients.push(client);
    }
    for (const client of clients) await client.closed();
    assert.deepEqual(served, names);
    assert.equal(mostInside, 1);
    const lines = await plane.settled(50);
    assert.ok(lines.every(({ cause }) => cause === '--'));
    assert.equal(plane.totals().waiting, 0);
  });

  check('a client that waits longer than queue_timeout is closed, sQ', async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await start({
      backends: [backend.address],
      maxConnections: [1],
      limits: { queue: { ...QUEUE, timeoutMs: 100 } },
    });
    const holder = await plane.client().received(2);
    const late = await plane.client().connected();
    assert.equal((await late.ended()).bytes, 0);
    holder.socket.end();
    await holder.closed();
    // Two threads may have written the lines, and so in any order.
    const line = (await plane.settled(2)).find(({ cause }) => cause === 'sQ');
    assert.ok(line !== undefined && line.queueMs >= 100, `${line?.queueMs} ms`);
  });

  check('a client that leaves the queue makes room, be it by a reset or by an end', async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await start({
      backends: [backend.address],
      maxConnections: [1],
      limits: { queue: { ...QUEUE, size: 2 } },
    });
    const holder = await plane.client().received(2);
    const [resets, ends] = [await waiting(plane, 1), await waiting(plane, 2)];
    const third = await plane.client().connected();
    await third.ended();
    resets.reset();
    ends.socket.end();
    await eventually(() => plane.totals().waiting === 0);
    const next = await waiting(plane, 1);
    holder.socket.end();
    await next.received(2);
    next.socket.end();
    await next.closed();
    const causes = (await plane.settled(5)).map(({ cause }) => cause);
    assert.deepEqual(causes.sort(), ['--', '--', 'CQ', 'CQ', 'PQ']);
  });

  check('a client that has said all it has to say waits for its answer', async (t, start) => {
    const backend = await startBackend(t, (peer) => {
      void peer.ended().then(() => peer.socket.end(peer.text));
    });
    const plane = await start({ backends: [backend.address], maxConnections: [1], limits: { queue: QUEUE } });
    const holder = await plane.client().connected();
    await eventually(() => backend.peers.length === 1);
    const asks = await waiting(plane, 1);
    await asks.finish('what?');
    await holder.finish('first');
    assert.equal((await holder.closed()).bytes, 5);
    await asks.closed();
    assert.equal(asks.text, 'what?');
    await plane.settled(2);
  });

  check('a place that becomes free by a kill, a refusal or a raised limit is not left free', async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await start({ backends: [backend.address], maxConnections: [1], limits: { queue: QUEUE } });
    const holder = await plane.client().received(2);
    const [second, third] = [await waiting(plane, 1), await waiting(plane, 2)];
    await plane.reconfigure({ maxConnections: [2] });
    await second.received(2);
    assert.equal(third.bytes, 0);
    holder.reset();
    await third.received(2);
    for (const client of [second, third]) {
      client.socket.end();
      await client.closed();
    }
    await plane.settled(3);
  });

  check('no client is left behind when no backend is up, and then one is', async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await start({
      backends: [backend.address],
      maxConnections: [3],
      limits: { queue: { ...QUEUE, whenDown: true } },
    });
    await plane.offer([]);
    const clients: Peer[] = [];
    for (let n = 1; n <= 20; n++) clients.push(await waiting(plane, n));
    await plane.offer([0]);
    await Promise.all(
      clients.map(async (client) => {
        await client.received(2);
        client.socket.end();
        await client.closed();
      }),
    );
    assert.ok(backend.mostOpen <= 3, `${backend.mostOpen} at once`);
    await plane.settled(20);
  });

  for (const retries of [0, 3]) {
    check(
      `clients that come as the last backend dies wait for it like later ones, ${retries} retries`,
      async (t, start) => {
        const dying = await startBackend(t, banner('in'));
        const plane = await start({
          backends: [dying.address, REFUSING],
          priorities: [1, 2],
          limits: { retries, queue: { ...QUEUE, whenDown: true } },
        });
        await plane.offer([0]);
        await dying.close();
        const clients: Peer[] = [];
        for (let n = 1; n <= 20; n++) clients.push(await waiting(plane, n));
        const back = await startBackend(t, banner('in'), { at: dying.address });
        for (const client of clients) {
          await client.received(2);
          client.socket.end();
          await client.closed();
        }
        assert.equal(back.peers.length, 20);
        assert.ok((await plane.settled(20)).every(({ cause, queueMs }) => cause === '--' && queueMs > 0));
      },
    );
  }

  check('clients that come as the last backend dies wait for queue_timeout and no longer, sQ', async (_t, start) => {
    const plane = await start({
      backends: [REFUSING],
      limits: { queue: { ...QUEUE, timeoutMs: 200, whenDown: true } },
    });
    const clients = Array.from({ length: 10 }, () => plane.client());
    for (const client of clients) assert.equal((await client.ended()).bytes, 0);
    for (const { cause, queueMs } of await plane.settled(10)) {
      assert.equal(cause, 'sQ');
      assert.ok(queueMs >= 200, `${queueMs} ms`);
    }
  });

  check('a stop cuts waiting clients, KQ', async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    // On two threads it may be served in between, when the other one is cut.
    const plane = await start({
      backends: [backend.address],
      maxConnections: [1],
      threads: 1,
      limits: { queue: QUEUE },
    });
    const holder = await plane.client().received(2);
    const waits = await waiting(plane, 1);
    await plane.remove();
    plane.plane.cut(1);
    for (const client of [holder, waits]) assert.equal((await client.closed()).end, 'ECONNRESET');
    const causes = (await plane.settled(2)).map(({ cause }) => cause);
    assert.deepEqual(causes.sort(), ['KD', 'KQ']);
  });

  check('an address that has its part of the queue has no more of it', async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await start({
      backends: [backend.address],
      maxConnections: [1],
      clients: new ClientTable(1024),
      limits: { queue: { ...QUEUE, perClient: 1 } },
    });
    const holder = await plane.client().received(2);
    const mine = await waiting(plane, 1);
    await (await plane.client().connected()).ended();
    const other = await waiting(plane, 2, '127.0.0.66');
    for (const client of [holder, mine, other]) {
      await client.received(2);
      client.socket.end();
      await client.closed();
    }
    const causes = (await plane.settled(4)).map(({ cause }) => cause);
    assert.deepEqual(causes.sort(), ['--', '--', '--', 'PQ']);
  });
}

/** A client that is one of so many that wait. */
async function waiting(plane: TestPlane, count: number, from?: string): Promise<Peer> {
  const client = await plane.client(from === undefined ? {} : { from }).connected();
  await eventually(() => plane.totals().waiting === count);
  return client;
}
