import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { balancers, type BalanceKind } from '../../../src/balance/registry.ts';
import { backendName, type TestPlane } from '../../helpers/rigs/plane.ts';
import { banner, REFUSING, startBackend, type TestBackend } from '../../helpers/sockets/backends.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import { deafAddress } from '../../helpers/sockets/silent-listener.ts';
import type { Check } from '../engine.ts';

const KINDS = Object.keys(balancers) as readonly BalanceKind[];

/** The strategies on real connections. */
export function balance(check: Check): void {
  check('30 connections over two equal backends are 15 and 15', async (t, start) => {
    const backends = await startBackends(t, 2);
    const plane = await start({ backends: backends.map(({ address }) => address) });
    await Promise.all(Array.from({ length: 30 }, () => visit(plane)));
    assert.deepEqual(visitors(backends), [15, 15]);
    await plane.settled(30);
  });

  check('weights of 1 and 2 are 10 and 20', async (t, start) => {
    const backends = await startBackends(t, 2);
    const plane = await start({ backends: backends.map(({ address }) => address), weights: [1, 2] });
    await Promise.all(Array.from({ length: 30 }, () => visit(plane)));
    assert.deepEqual(visitors(backends), [10, 20]);
    await plane.settled(30);
  });

  for (const kind of ['weight', 'roundrobin'] as const) {
    check(`${kind}: of two backends a silent one is tried first by every other client`, async (t, start) => {
      const [good] = await startBackends(t, 1);
      const plane = await start({
        backends: [await deafAddress(t), good!.address],
        balance: kind,
        limits: { connectTimeoutMs: 300 },
      });
      for (let n = 0; n < 4; n++) await visit(plane);
      const tried = (await plane.settled(4)).flatMap((line) => line.tried);
      assert.deepEqual(tried, [backendName(0), backendName(0)]);
    });
  }

  for (const kind of KINDS) {
    check(`${kind}: a backup serves only clients without room, an answer or a backend before it`, async (t, start) => {
      const backends = await startBackends(t, 2);
      const plane = await start({
        backends: [...backends.map(({ address }) => address), REFUSING],
        priorities: [2, 3, 1],
        maxConnections: [2, 0, 0],
        balance: kind,
      });
      await plane.offer([0, 1]);
      const inside = [await enter(plane), await enter(plane)];
      assert.deepEqual(visitors(backends), [2, 0], 'room in the first group');
      inside.push(await enter(plane));
      assert.deepEqual(visitors(backends), [2, 1], 'the first group is full');
      await leave(plane, inside);
      await plane.offer([1]);
      await visit(plane);
      assert.deepEqual(visitors(backends), [2, 2], 'the first group is absent');
      await plane.offer([0, 1, 2]);
      await visit(plane);
      assert.deepEqual(visitors(backends), [3, 2], 'the first group is dead');
      await plane.settled(5);
    });

    check(`${kind}: all full is PC, all dead is SC`, async (t, start) => {
      const backends = await startBackends(t, 2);
      const plane = await start({
        backends: [...backends.map(({ address }) => address), REFUSING, REFUSING],
        maxConnections: [1, 1, 0, 0],
        balance: kind,
      });
      await plane.offer([0, 1]);
      const inside = [await enter(plane), await enter(plane)];
      assert.deepEqual(visitors(backends), [1, 1]);
      assert.equal((await plane.client().ended()).bytes, 0);
      await leave(plane, inside);
      await plane.offer([2, 3]);
      assert.equal((await plane.client().ended()).bytes, 0);
      const lines = await plane.settled(4);
      assert.deepEqual(lines.map(({ cause }) => cause).sort(), ['--', '--', 'PC', 'SC']);
    });

    check(
      `${kind}: weight 0 ${balancers[kind].weighted ? 'stands back while others have room' : 'means nothing'}`,
      async (t, start) => {
        const backends = await startBackends(t, 2);
        const plane = await start({
          backends: backends.map(({ address }) => address),
          weights: [0, 1],
          maxConnections: [4, 4],
          balance: kind,
        });
        const inside: Peer[] = [];
        for (let n = 0; n < 4; n++) inside.push(await enter(plane));
        if (balancers[kind].weighted) assert.deepEqual(visitors(backends), [0, 4]);
        for (let n = 0; n < 4; n++) inside.push(await enter(plane));
        assert.deepEqual(visitors(backends), [4, 4]);
        await leave(plane, inside);
        await plane.settled(8);
      },
    );
  }

  check('all at weight 0 share alike', async (t, start) => {
    const backends = await startBackends(t, 2);
    const plane = await start({ backends: backends.map(({ address }) => address), weights: [0, 0] });
    for (let n = 0; n < 10; n++) await visit(plane);
    assert.deepEqual(visitors(backends), [5, 5]);
  });
}

function startBackends(t: TestContext, count: number): Promise<readonly TestBackend[]> {
  return Promise.all(Array.from({ length: count }, () => startBackend(t, banner('in'))));
}

function visitors(backends: readonly TestBackend[]): readonly number[] {
  return backends.map(({ peers }) => peers.length);
}

/** A client that was served and stays. */
async function enter(plane: TestPlane): Promise<Peer> {
  return plane.client().received(2);
}

async function visit(plane: TestPlane): Promise<void> {
  const client = await enter(plane);
  client.socket.end();
  await client.closed();
}

async function leave(plane: TestPlane, clients: readonly Peer[]): Promise<void> {
  for (const client of clients) client.socket.end();
  await plane.untilActive(0);
}
