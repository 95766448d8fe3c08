import assert from 'node:assert/strict';
import { BindError } from '../../../src/data/plane/bind-error.ts';
import type { Deployment } from '../../../src/data/plane/data-plane.ts';
import type { Command } from '../../../src/data/protocol/messages.ts';
import { ServerLedger } from '../../../src/ledger/server-ledger.ts';
import { killWorker, workersStarted } from '../../helpers/processes/workers.ts';
import { ANY_PORT, backendName, type TestPlane } from '../../helpers/rigs/plane.ts';
import { banner, echo, startBackend } from '../../helpers/sockets/backends.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import type { Check, EngineUnderTest } from '../engine.ts';
import { connectPair } from './pair.ts';

/** A change of the configuration or of the backends touches no connection that is open. */
export function reload(check: Check, { sharesListeners }: EngineUnderTest): void {
  const BINDS = sharesListeners ? [ANY_PORT] : [ANY_PORT, { ip: '127.0.0.2', port: 0 }];

  check('a backend that is taken away keeps its connections and gets no more', async (t, start) => {
    const backends = [await startBackend(t, echo), await startBackend(t, echo)];
    const plane = await start({ backends: backends.map(({ address }) => address) });
    const open = [await say(plane.client(), 'a'), await say(plane.client(), 'a')];
    await plane.offer([1]);
    for (let n = 0; n < 4; n++) await (await plane.client().finish('b')).closed();
    assert.deepEqual(
      backends.map(({ peers }) => peers.length),
      [1, 5],
    );
    for (const client of open) {
      await client.finish('c');
      assert.equal((await client.closed()).bytes, 2);
    }
    await plane.offer([0, 1]);
    for (let n = 0; n < 4; n++) await (await plane.client().finish('d')).closed();
    assert.deepEqual(
      backends.map(({ peers }) => peers.length),
      [3, 7],
    );
    await plane.settled(10);
  });

  check('once a change is said to be followed, no thread sends a client by what was before', async (t, start) => {
    const backends = [await startBackend(t, banner('0')), await startBackend(t, banner('1'))];
    const plane = await start({ backends: backends.map(({ address }) => address), threads: 2, binds: BINDS });
    for (let round = 0; round < 3; round++) {
      const [taken, left] = round % 2 === 0 ? [0, 1] : [1, 0];
      const offered = Array.from({ length: 12 }, (_, n) => plane.offer(n < 11 ? [0, 1] : [left]));
      await plane.plane.followed(1);
      const before = backends[taken]!.peers.length;
      for (let n = 0; n < 8; n++) await plane.client({ at: plane.addresses[n % BINDS.length]! }).received(1);
      assert.equal(backends[taken]!.peers.length, before);
      await Promise.all(offered);
    }
    await plane.plane.followed(99);
  });

  check('a change is followed when the last thread follows it, or is dead', async (t, start) => {
    const workers = workersStarted(t);
    const plane = await start({ backends: [], threads: 2, binds: BINDS });
    const post = workers[1]!.postMessage.bind(workers[1]);
    let held: (() => void)[] = [];
    t.mock.method(workers[1]!, 'postMessage', (command: Command) => {
      if (command.type === 'snapshot') held.push(() => post(command));
      else post(command);
    });
    const wake = () => plane.plane.observe({ debug: false, accessLog: 'json' });

    async function hears(): Promise<void> {
      for (const release of held) release();
      wake();
    }

    for (const comesTo of [hears, () => killWorker(workers[1], wake)]) {
      held = [];
      let isFollowed = false;
      void plane.offer([]);
      const followed = plane.plane.followed(1).then(() => (isFollowed = true));
      // Both threads have answered what came after it, so the first one follows.
      await plane.plane.killConnections({});
      assert.equal(isFollowed, false);
      await comesTo();
      await followed;
    }
  });

  check('no change waits for a server that is removed, or after the stop', async (t, start) => {
    const ends = [(plane: TestPlane) => plane.remove(), (plane: TestPlane) => plane.plane.stop()];
    for (const end of ends) {
      const workers = workersStarted(t);
      const plane = await start({ backends: [], threads: 2, binds: BINDS });
      const post = workers[1]!.postMessage.bind(workers[1]);
      t.mock.method(workers[1]!, 'postMessage', (command: Command) => {
        if (command.type !== 'snapshot') post(command);
      });
      void plane.offer([]);
      const followed = plane.plane.followed(1);
      await end(plane);
      await followed;
    }
  });

  check('limits, weights, strategy and idle times change in place', async (t, start) => {
    const backends = [await startBackend(t, echo), await startBackend(t, echo)];
    const plane = await start({ backends: backends.map(({ address }) => address) });
    const open = await say(plane.client(), 'a');
    await plane.reconfigure({ limits: { maxConnections: 1, clientIdleMs: 50 } });
    assert.equal((await plane.client().ended()).bytes, 0);
    await plane.reconfigure({ weights: [0, 1], limits: {}, balance: 'leastconn' });
    for (let n = 0; n < 6; n++) await (await plane.client().finish('b')).closed();
    assert.deepEqual(
      backends.map(({ peers }) => peers.length),
      [1, 6],
    );
    await plane.reconfigure({ maxConnections: [1, 1] });
    const second = await say(plane.client(), 'c');
    assert.equal((await plane.client().ended()).bytes, 0);
    for (const client of [open, second]) {
      await client.finish('d');
      assert.equal((await client.closed()).bytes, 2);
    }
    const lines = await plane.settled(10);
    assert.equal(lines.filter(({ cause }) => cause === 'PC').length, 2);
  });

  check('binds come and go in place', async (t, start) => {
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address] });
    const before = await say(plane.client(), 'a');
    const [added] = await plane.reconfigure({ binds: [ANY_PORT, { ip: '::1', port: 0 }] });
    assert(added !== undefined);
    const beside = await say(plane.client({ at: added }), 'b');
    await plane.reconfigure({ binds: [{ ip: '::1', port: 0 }] });
    await untilRefused(plane);
    for (const client of [before, beside]) {
      await client.finish('c');
      assert.equal((await client.closed()).bytes, 2);
    }
    await plane.settled(plane.totals().accepted);
  });

  check('a bind that is in use elsewhere changes nothing', async (t, start) => {
    const taken = await startBackend(t, echo);
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address] });
    const open = await say(plane.client(), 'a');
    const change = { binds: [{ ip: '::1', port: 0 }, taken.address], limits: { maxConnections: 1 } };
    await assert.rejects(plane.reconfigure(change), (error) => {
      assert(error instanceof BindError);
      assert.deepEqual(
        error.failures.map(({ server, code }) => [server, code]),
        [['web', 'EADDRINUSE']],
      );
      return true;
    });
    await (await plane.client().finish('b')).closed();
    await open.finish('c');
    assert.equal((await open.closed()).bytes, 2);
    await plane.settled(2);
    const [again] = await plane.reconfigure({ binds: [ANY_PORT, { ip: '::1', port: 0 }] });
    assert(again !== undefined, 'what was opened for nothing has been closed');
  });

  check('a bind goes from one server to another without a refused client', async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await start({ backends: [backend.address] });
    const open = await plane.client().received(2);
    const visits = Array.from({ length: 60 }, async () => {
      const client = await plane.client().received(2);
      client.socket.end();
      await client.closed();
    });
    const heir = heirOf(plane);
    await plane.plane.apply([heir]);
    await Promise.all(visits);
    await (await plane.client().finish()).closed();
    open.socket.end();
    await plane.plane.retired(1);
    await plane.until(() => plane.access.length >= 62);
    const { accepted, active } = heir.ledger.serverTotals();
    assert.equal(accepted + plane.totals().accepted, 62);
    assert.deepEqual([accepted > 0, active, plane.totals().active], [true, 0, 0]);
  });

  check('a removed server refuses new clients, and has retired when the last old one is done', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start);
    await plane.remove();
    let isRetired = false;
    const retired = plane.plane.retired(1).then(() => (isRetired = true));
    await untilRefused(plane);
    await client.send('still');
    await backend.received(5);
    await backend.finish('here');
    assert.equal((await client.ended()).bytes, 4);
    assert.equal(isRetired, false);
    client.socket.end();
    await retired;
    await plane.settled(plane.totals().accepted);
  });

  check('an idle server that is removed has retired at once', async (_t, start) => {
    const plane = await start({ backends: [] });
    await plane.remove();
    await plane.plane.retired(1);
  });

  check('threads that have nothing to do hear every one of many commands, and stop', async (t, start) => {
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address], threads: 2 });
    for (let n = 0; n < 100; n++) await plane.offer([0]);
    const burst = Array.from({ length: 100 }, () => plane.offer([0]));
    await Promise.all(burst);
    await plane.plane.stop();
  });

  check('what a removed server still holds can be cut: both ends see a reset', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start);
    await client.send('GET');
    await backend.received(3);
    await plane.remove();
    plane.plane.cut(1);
    await plane.plane.retired(1);
    assert.equal((await client.closed()).end, 'ECONNRESET');
    assert.equal((await backend.closed()).end, 'ECONNRESET');
    const { cause, backend: served, txBytes } = await plane.only();
    assert.deepEqual({ cause, served, txBytes }, { cause: 'KD', served: backendName(0), txBytes: 3 });
  });

  check('cut after the backend has finished is KL', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start);
    await backend.finish('bye');
    await client.ended();
    await plane.remove();
    plane.plane.cut(1);
    await backend.closed();
    assert.equal((await plane.only()).cause, 'KL');
  });
}

/** Another server with the same binds and backends, and a ledger of its own. */
function heirOf(plane: TestPlane): Deployment {
  const ledger = new ServerLedger();
  const deployment = plane.deployment();
  for (const { slot } of deployment.snapshot.backends) assert.equal(ledger.allocate(), slot);
  return { ...deployment, id: 2, name: 'heir', ledger };
}

/** Sends a word and waits for its echo. */
async function say(client: Peer, word: string): Promise<Peer> {
  await client.send(word);
  return client.received(word.length);
}

/** The thread closes a bind in its own time. */
async function untilRefused(plane: TestPlane): Promise<void> {
  for (;;) {
    const client = plane.client();
    await client.until('an answer', () => client.isConnected || client.hasEnded);
    if (!client.isConnected) return;
    client.reset();
  }
}
