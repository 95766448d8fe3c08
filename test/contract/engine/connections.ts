import assert from 'node:assert/strict';
import type { ConnectionQuery, ConnectionStatus } from '../../../src/core/connection-list.ts';
import { errorCode } from '../../../src/core/errors.ts';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import type { Command } from '../../../src/data/protocol/messages.ts';
import { clientFilter } from '../../helpers/fakes/client-filter.ts';
import { killWorker, workersStarted } from '../../helpers/processes/workers.ts';
import { LIMITS } from '../../helpers/rigs/frontend.ts';
import { ANY_PORT, backendName, type TestPlane } from '../../helpers/rigs/plane.ts';
import { banner, echo, startBackend } from '../../helpers/sockets/backends.ts';
import { KIB, MIB } from '../../helpers/sockets/payload.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import { deafAddress } from '../../helpers/sockets/silent-listener.ts';
import { eventually } from '../../helpers/sockets/turns.ts';
import type { Check, EngineUnderTest } from '../engine.ts';

const ALL: ConnectionQuery = { sort: 'age', limit: 1_000 };
const QUEUE = { ...LIMITS.queue, timeoutMs: 60_000 };
const CLIENTS = 12;
/** Of snapshots. */
const MORE_THAN_GO_AT_ONCE = 9;
/** Where they are more than 0: of a write of which the kernel has taken a part, libuv tells no more after the close. */
const UNCOUNTED_BYTES: Partial<Record<EngineKind, number>> = { net: 128 * KIB };

/** Who is connected now, over all threads, and who is cut by hand. */
export function connections(check: Check, { sharesListeners, kind }: EngineUnderTest): void {
  const BINDS = sharesListeners ? [ANY_PORT] : [ANY_PORT, { ip: '127.0.0.2', port: 0 }];

  /** Each has sent one byte more than the one before, and got them back. */
  async function crowd(plane: TestPlane): Promise<readonly Peer[]> {
    const clients: Peer[] = [];
    for (let n = 0; n < CLIENTS; n++) {
      const client = plane.client({ at: plane.addresses[n % plane.addresses.length]! });
      await client.send('x'.repeat(n + 1));
      clients.push(await client.received(n + 1));
    }
    return clients;
  }

  check('connections of all threads are listed, the oldest or the busiest first', async (t, start) => {
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address], binds: BINDS, threads: 2 });
    const clients = await crowd(plane);
    const { total, connections: all } = await plane.plane.connections(ALL);
    assert.equal(total, CLIENTS);
    assert.equal(new Set(all.map(({ id }) => id)).size, CLIENTS);
    assert.equal(new Set(all.map(({ id }) => id.split('-')[0])).size, 2, 'both threads have some');
    assert.deepEqual(all.map(({ client }) => client).sort(), clients.map(localName).sort());
    for (const { server, backend: key, stage, tried } of all) {
      assert.deepEqual(
        { server, key, stage, tried },
        { server: 'web', key: backendName(0), stage: 'connected', tried: [] },
      );
    }
    assert.ok(isFalling(all.map(({ ageMs }) => ageMs)));
    for (const sort of ['rx', 'tx'] as const) {
      const bytes = await listed(
        plane,
        { sort, limit: 1_000 },
        (rows) => sum(rows, sort) === (CLIENTS * (CLIENTS + 1)) / 2,
      );
      assert.deepEqual(
        bytes.map(({ client }) => client),
        clients.map(localName).toReversed(),
      );
      const top = await plane.plane.connections({ sort, limit: 3 });
      assert.deepEqual([top.total, ...top.connections.map((one) => one[`${sort}Bytes`])], [CLIENTS, 12, 11, 10]);
    }
    const name = localName(clients[4]!);
    const found = await plane.plane.connections({ ...ALL, client: clientFilter(name) });
    assert.deepEqual([found.total, found.connections[0]?.client], [1, name]);
    assert.equal((await plane.plane.connections({ ...ALL, server: 'other' })).total, 0);
    for (const client of clients) await client.finish();
    for (const client of clients) await client.closed();
    await plane.settled(CLIENTS);
    assert.deepEqual(await plane.plane.connections(ALL), { total: 0, connections: [] });
  });

  check('one is killed by its id, once: reset on both sides, KD; the others go on', async (t, start) => {
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address], binds: BINDS, threads: 2 });
    const clients = await crowd(plane);
    const victim = clients[7]!;
    const name = localName(victim);
    const [{ id } = { id: '' }] = (await plane.plane.connections({ ...ALL, client: clientFilter(name) })).connections;
    assert.equal(await plane.plane.killConnection(id), true);
    assert.equal((await victim.closed()).end, 'ECONNRESET');
    const atBackend = backend.peers.find(({ bytes }) => bytes === victim.bytes);
    assert.equal((await atBackend?.closed())?.end, 'ECONNRESET');
    for (const gone of [id, '1-999999', '99-1', 'nonsense', '', '1-1-1']) {
      assert.equal(await plane.plane.killConnection(gone), false, gone);
    }
    const others = clients.filter((client) => client !== victim);
    for (const client of others) await client.finish();
    for (const client of others) assert.equal((await client.closed()).end, 'FIN');
    const lines = await plane.settled(CLIENTS);
    const line = lines.find(({ cause }) => cause === 'KD');
    assert.deepEqual([line?.client, line?.rxBytes, line?.txBytes], [name, 8, 8]);
    const { causes } = plane.totals();
    assert.deepEqual([causes.KD, causes['--']], [1, CLIENTS - 1]);
  });

  check('of one that is killed while bytes flow, what its client saw is counted', async (t, start) => {
    const backend = await startBackend(t, (peer) => void peer.sendForever());
    const plane = await start({ backends: [backend.address] });
    const client = await plane.client({ read: 'slow' }).received(MIB);
    assert.equal(await plane.plane.killConnections({ client: clientFilter(localName(client)) }), 1);
    assert.equal((await client.closed()).end, 'ECONNRESET');
    const { cause, rxBytes } = await plane.only();
    const { rx } = plane.totals();
    assert.deepEqual([cause, rx, plane.ledger.backendTotals(plane.slot(0)).rx], ['KD', rxBytes, rxBytes]);
    const [atBackend] = backend.peers;
    assert.ok(rxBytes >= client.bytes - (UNCOUNTED_BYTES[kind] ?? 0), `${client.bytes} seen, ${rxBytes} counted`);
    assert.ok(rxBytes <= atBackend!.socket.bytesWritten, `${atBackend!.socket.bytesWritten} sent, ${rxBytes} counted`);
  });

  check('all of a backend are killed, on all threads, and none of another', async (t, start) => {
    const backends = [await startBackend(t, echo), await startBackend(t, echo)];
    const plane = await start({
      backends: backends.map(({ address }) => address),
      balance: 'roundrobin',
      binds: BINDS,
      threads: 2,
    });
    const clients = await crowd(plane);
    const match = { server: 'web', backend: backendName(1) };
    assert.equal((await plane.plane.connections({ ...ALL, ...match })).total, CLIENTS / 2);
    assert.equal(await plane.plane.killConnections(match), CLIENTS / 2);
    assert.equal(await plane.plane.killConnections(match), 0);
    await eventually(() => clients.filter(({ isClosed }) => isClosed).length === CLIENTS / 2);
    await eventually(() => plane.ledger.active(plane.slot(1)) === 0);
    const { active, peak } = plane.ledger.backendTotals(plane.slot(0));
    assert.deepEqual({ active, peak, all: plane.totals().active }, { active: 6, peak: 6, all: 6 });
    assert.equal(await plane.plane.killConnections({}), CLIENTS / 2);
    for (const client of clients) assert.equal((await client.closed()).end, 'ECONNRESET');
    const lines = await plane.settled(CLIENTS);
    assert.ok(lines.every(({ cause }) => cause === 'KD'));
    assert.equal(plane.totals().causes.KD, CLIENTS);
  });

  check('a killed client does not come back to a backend that was removed before', async (t, start) => {
    const backends = [await startBackend(t, banner('0')), await startBackend(t, banner('1'))];
    const plane = await start({
      backends: backends.map(({ address }) => address),
      balance: 'roundrobin',
      binds: BINDS,
      threads: 2,
    });
    const clients = Array.from({ length: CLIENTS }, () => plane.client());
    for (const client of clients) await client.received(1);
    const list = await plane.plane.connections(ALL);
    const ofFirst = list.connections.filter(({ backend }) => backend === backendName(0));
    const burst = Array.from({ length: MORE_THAN_GO_AT_ONCE }, () => plane.offer([0, 1]));
    const offered = [...burst, plane.offer([0])];
    assert.equal(await plane.plane.killConnections({ backend: backendName(1) }), CLIENTS / 2);
    for (let n = 0; n < CLIENTS; n++)
      await plane.client({ at: plane.addresses[n % plane.addresses.length]! }).received(1);
    assert.equal(backends[1]!.peers.length, CLIENTS / 2);
    await Promise.all(offered);

    const burstBack = Array.from({ length: MORE_THAN_GO_AT_ONCE }, () => plane.offer([0]));
    const offeredBack = [...burstBack, plane.offer([1])];
    assert.equal(await plane.plane.killConnection(ofFirst[0]!.id), true);
    await plane.client().received(1);
    assert.equal(backends[1]!.peers.length, CLIENTS / 2 + 1);
    await Promise.all(offeredBack);
  });

  check('a list is made once for all requests that wait for it, and few of them wait', async (t, start) => {
    const backend = await startBackend(t, echo);
    const workers = workersStarted(t);
    const plane = await start({ backends: [backend.address], binds: BINDS, threads: 2 });
    await crowd(plane);
    const sent = workers.map((worker) => t.mock.method(worker, 'postMessage').mock);
    const lists = () =>
      sent.map(({ calls }) => calls.filter(({ arguments: [command] }) => (command as Command).type === 'list').length);
    const alike = await Promise.all(Array.from({ length: 50 }, () => plane.plane.connections(ALL)));
    assert.ok(alike.every(({ total, connections: rows }) => total === CLIENTS && rows.length === CLIENTS));
    assert.deepEqual(lists(), [2, 2], 'one at once, and one that all the others have waited for');
    const different = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => plane.plane.connections({ ...ALL, limit: n + 1 })),
    );
    const answered = different.flatMap((one) => (one.status === 'fulfilled' ? [one.value.connections.length] : []));
    assert.deepEqual(answered.slice(0, 8), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.ok(answered.length <= 9, 'eight wait, behind one at most that is being made');
    const refused = different.flatMap((one) => (one.status === 'rejected' ? [errorCode(one.reason)] : []));
    assert.deepEqual(new Set(refused), new Set(['TSLB_BUSY']));
    assert.deepEqual(lists(), [2 + answered.length, 2 + answered.length]);
  });

  check(
    'a client that waits or is being connected is listed as that and killed as that, KQ and KC',
    async (t, start) => {
      const plane = await start({
        backends: [await deafAddress(t)],
        maxConnections: [1],
        limits: { queue: QUEUE, connectTimeoutMs: 60_000 },
      });
      const dialling = await plane.client().connected();
      await eventually(() => plane.ledger.active(plane.slot(0)) === 1);
      const waiting = await plane.client().connected();
      await eventually(() => plane.totals().waiting === 1);
      const { total, connections: rows } = await plane.plane.connections(ALL);
      assert.equal(total, 2);
      assert.deepEqual(
        rows.map(({ stage, backend, client }) => [stage, backend, client]),
        [
          ['connecting', backendName(0), localName(dialling)],
          ['queued', undefined, localName(waiting)],
        ],
      );
      assert.equal(rows[1]?.queueMs, rows[1]?.ageMs);
      assert.equal(await plane.plane.killConnection(rows[1]!.id), true);
      assert.equal((await waiting.closed()).end, 'ECONNRESET');
      assert.equal(await plane.plane.killConnections({ backend: backendName(0) }), 1);
      assert.equal((await dialling.closed()).end, 'ECONNRESET');
      const lines = await plane.settled(2);
      assert.deepEqual(lines.map(({ cause }) => cause).sort(), ['KC', 'KQ']);
      const { waiting: stillWaiting, histograms } = plane.totals();
      assert.equal(stillWaiting, 0);
      assert.equal(
        histograms.queue.counts.reduce((one, other) => one + other),
        1,
      );
    },
  );

  check('the last connections of a removed server are listed, and the last kill ends it', async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await start({ backends: [backend.address], threads: 2 });
    const clients = [await plane.client().received(2), await plane.client().received(2)];
    await plane.remove();
    assert.equal((await plane.plane.connections({ ...ALL, server: 'web' })).total, 2);
    assert.equal(await plane.plane.killConnections({ server: 'web' }), 2);
    await plane.plane.retired(1);
    for (const client of clients) assert.equal((await client.closed()).end, 'ECONNRESET');
    await plane.settled(2);
  });

  check('a thread that dies or stops while it is asked has nothing to say', async (t, start) => {
    const backend = await startBackend(t, echo);
    const workers = workersStarted(t);
    const plane = await start({ backends: [backend.address], binds: BINDS, threads: 2 });
    const clients = await crowd(plane);
    const [one, other] = plane.plane.threadStatuses();
    assert.deepEqual([one?.engine, one!.connections + other!.connections], [kind, CLIENTS]);
    assert.equal(one!.accepted + other!.accepted, CLIENTS);
    const dying = killWorker(workers[0], () => {
      for (const client of clients) client.socket.write('.');
    });
    const [list, killed] = [plane.plane.connections(ALL), plane.plane.killConnection('1-999999')];
    const { total } = await list;
    assert.ok(total >= other!.connections && total <= CLIENTS, String(total));
    assert.equal(await killed, false);
    await dying;
    await plane.until(() => plane.logs.some(({ message }) => message === 'data-plane thread died'));
    assert.equal((await plane.plane.connections(ALL)).total, other!.connections);
    const stopped = plane.plane.stop();
    const asked = [plane.plane.connections(ALL), plane.plane.connections(ALL)];
    await stopped;
    for (const answer of asked) assert.ok((await answer).total <= CLIENTS);
    assert.deepEqual(await plane.plane.connections(ALL), { total: 0, connections: [] });
    assert.deepEqual([await plane.plane.killConnections({}), plane.plane.threadStatuses()], [0, []]);
  });
}

/** Asks until it holds: threads hear of bytes once a second. */
async function listed(
  plane: TestPlane,
  query: ConnectionQuery,
  holds: (rows: readonly ConnectionStatus[]) => boolean,
): Promise<readonly ConnectionStatus[]> {
  for (;;) {
    const { connections: rows } = await plane.plane.connections(query);
    if (holds(rows)) return rows;
  }
}

/** What the balancer calls a client. */
function localName({ socket }: Peer): string {
  return `${socket.localAddress}:${socket.localPort}`;
}

function sum(rows: readonly ConnectionStatus[], what: 'rx' | 'tx'): number {
  return rows.reduce((bytes, row) => bytes + row[`${what}Bytes`], 0);
}

function isFalling(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => number <= (numbers[index - 1] ?? Infinity));
}
