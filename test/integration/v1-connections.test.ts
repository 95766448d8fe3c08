import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ENGINE_KINDS, whyNoEngine } from '../../src/data/engines/registry.ts';
import type { ConnectionJson } from '../../src/wire/v1/connection.ts';
import { startEcho, V1App } from '../helpers/rigs/v1-app.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { connectTo, type Peer } from '../helpers/sockets/peer.ts';
import { listed, openEcho, roundTrip } from '../helpers/sockets/traffic.ts';

function clientOf({ socket }: Peer): string {
  return `127.0.0.1:${socket.localPort}`;
}

/** Bytes of connections that go on are counted once a second. */
async function untilCounted(run: V1App, bytes: number): Promise<readonly ConnectionJson[]> {
  for (;;) {
    const connections = await run.connections();
    if (connections.reduce((sum, { rx }) => sum + rx, 0) >= bytes) return connections;
  }
}

for (const engine of ENGINE_KINDS) {
  describe(`connections of the ${engine} engine`, { skip: whyNoEngine(engine) ?? false }, () => {
    test('are told with client, backend, age and bytes', async (t) => {
      const backend = await startEcho(t);
      const run = await V1App.start(t, [backend], { engine });
      const [quiet, busy] = [await openEcho(t, run.app.address), await openEcho(t, run.app.address)];
      await busy.send('x'.repeat(999));
      await busy.received(1000);
      const connections = await untilCounted(run, 1001);
      assert.deepEqual(
        connections.map(({ client }) => client),
        [clientOf(quiet), clientOf(busy)],
      );
      const [first, second] = connections;
      assert.ok(first !== undefined && second !== undefined && first.age_ms >= second.age_ms);
      assert.deepEqual(
        { ...second, id: '', age_ms: 0, queue_ms: 0 },
        {
          ...{ id: '', server: 'web', client: clientOf(busy), backend, stage: 'connected', age_ms: 0, queue_ms: 0 },
          ...{ rx: 1000, tx: 1000, tried: [] },
        },
      );
      assert.notEqual(first.id, second.id);
    });

    test('are sorted, cut to a number, and narrowed down; all that match are counted', async (t) => {
      const [one, two] = [await startEcho(t), await startEcho(t)];
      const run = await V1App.start(t, [one, two], { engine, balance: 'roundrobin' });
      const clients: Peer[] = [];
      for (const size of [0, 300, 100]) {
        const client = await openEcho(t, run.app.address);
        await client.send('x'.repeat(size));
        await client.received(size + 1);
        clients.push(client);
      }
      await untilCounted(run, 403);
      const [first, second, third] = clients.map(clientOf);
      const list = async (query: string) => (await run.connections(query)).map(({ client }) => client);
      assert.deepEqual(await list('?sort=age'), [first, second, third]);
      assert.deepEqual(await list('?sort=rx'), [second, third, first]);
      assert.deepEqual(await list('?sort=tx&limit=1'), [second]);
      const { total } = await run.ok<{ total: number }>('GET /connections?limit=1');
      assert.equal(total, 3);
      const perBackend = [await list(`?backend=${one}`), await list(`?backend=${two}`)];
      assert.deepEqual(perBackend.map(({ length }) => length).toSorted(), [1, 2]);
      assert.deepEqual(await list(`?client=${first ?? ''}`), [first]);
      assert.deepEqual((await list('?client=127.0.0.0/16')).length, 3);
      assert.deepEqual((await list('?server=web&backend=')).length, 3);
      assert.deepEqual(await list('?server=nix'), []);
    });

    test('are cut one by one: the client sees a reset, the others nothing, and the cause is KD', async (t) => {
      const run = await V1App.start(t, [await startEcho(t)], { engine });
      const [kept, cut] = [await openEcho(t, run.app.address), await openEcho(t, run.app.address)];
      const id = (await run.connections()).find(({ client }) => client === clientOf(cut))?.id ?? '';
      assert.deepEqual(await run.ok(`DELETE /connections/${id}`), { killed: 1 });
      assert.equal((await cut.closed()).end, 'ECONNRESET');
      await roundTrip(kept);
      assert.deepEqual((await run.ended(1)).causes, { KD: 1 });
      assert.equal((await run.refused(`DELETE /connections/${id}`, undefined, 404)).code, 'TSLB_NO_SUCH_CONNECTION');
      await run.refused('DELETE /connections/nonsense', undefined, 404);
      assert.equal((await run.server()).active, 1);
    });

    test('are cut all of a backend, of a client, of a server, or all', async (t) => {
      const [one, two] = [await startEcho(t), await startEcho(t)];
      const run = await V1App.start(t, [one, two], { engine, balance: 'roundrobin' });
      const open = async (count: number) => {
        const clients: Peer[] = [];
        while (clients.length < count) clients.push(await openEcho(t, run.app.address));
        return clients;
      };
      const clients = new Map((await open(6)).map((client) => [clientOf(client), client]));
      const ofOne = (await run.connections(`?backend=${one}`)).map(({ client }) => client);
      assert.deepEqual(await run.ok(`DELETE /connections?server=web&backend=${one}`), { killed: 3 });
      for (const [address, client] of clients) {
        if (ofOne.includes(address)) assert.equal((await client.closed()).end, 'ECONNRESET');
        else await roundTrip(client);
      }
      assert.deepEqual((await run.ended(3)).causes, { KD: 3 });
      const left = [...clients.keys()].find((address) => !ofOne.includes(address)) ?? '';
      assert.deepEqual(await run.ok(`DELETE /connections?client=${left}`), { killed: 1 });
      assert.deepEqual(await run.ok('DELETE /connections?server=nix'), { killed: 0 });
      assert.deepEqual(await run.ok('DELETE /connections?server=web'), { killed: 2 });
      await open(2);
      assert.deepEqual(await run.ok('DELETE /connections?all=true'), { killed: 2 });
      assert.deepEqual((await run.ended(8)).causes, { KD: 8 });
    });

    test('that wait for a backend say so, and are cut with KQ', async (t) => {
      const backend = await startBackend(t, echo);
      const run = await V1App.start(t, [listed(backend, 'max_connections=1')], { engine, queue_timeout: '1h' });
      await openEcho(t, run.app.address);
      const waiting = connectTo(t, run.app.address);
      await waiting.connected();
      while ((await run.server()).waiting < 1);
      const queued = (await run.connections()).find(({ stage }) => stage === 'queued');
      assert.ok(queued !== undefined && !('backend' in queued), JSON.stringify(queued));
      assert.equal(queued.client, clientOf(waiting));
      assert.deepEqual(await run.ok(`DELETE /connections/${queued.id}`), { killed: 1 });
      await waiting.closed();
      assert.deepEqual((await run.ended(1)).causes, { KQ: 1 });
    });
  });
}
