import assert from 'node:assert/strict';
import { startBackend } from '../../helpers/sockets/backends.ts';
import { startPairs } from '../../helpers/sockets/pairs.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import type { Check, EngineUnderTest } from '../engine.ts';

/** What the two do, one after the other. */
type Scene = (client: Peer, backend: Peer) => Promise<unknown>;

const QUESTION = 'GET';

const asks: Scene = async (client, backend) => {
  await client.send(QUESTION);
  await backend.received(QUESTION.length);
};

const asksAndFinishes: Scene = async (client, backend) => {
  await client.finish(QUESTION);
  await backend.ended();
};

const finishes: Scene = async (client, backend) => {
  await client.finish();
  await backend.ended();
};

const leaves: Scene = async (client, backend) => {
  client.socket.destroy();
  await backend.ended();
};

const resets: Scene = async (client, backend) => {
  client.reset();
  await backend.until('the reset', () => backend.hasEnded);
};

const saysNothing: Scene = () => Promise.resolve();

/** Whether a backend that ends its side has failed its client. */
export function failures(check: Check, { kind }: EngineUnderTest): void {
  const resetCases: readonly (readonly [what: string, before: Scene, isAwaited: boolean])[] = [
    ['has asked', asks, true],
    ['says nothing', saysNothing, false],
    ['has closed without a word', leaves, false],
    ['has finished without a word', finishes, false],
    // One that has closed looks the same.
    ['has asked and finished', asksAndFinishes, false],
    ['has reset', resets, false],
  ];
  check('a backend that resets was awaited by a client that has asked and is still there', async (t) => {
    const backend = await startBackend(t);
    const pairs = await startPairs(t, kind);
    for (const [index, [what, before, isAwaited]] of resetCases.entries()) {
      const pair = 2 * index;
      const client = await pairs.accept();
      await pairs.relay(pair, backend.address);
      const server = await backend.next();
      // By now it relays.
      await pairs.accept();
      await before(client, server);
      server.reset();
      await pairs.ended(pair);
      assert.equal(pairs.wasAwaited(pair), isAwaited, `a client that ${what}`);
    }
  });

  check('a backend that finishes was awaited by a client that has not, and has asked by the end', async (t) => {
    const cases: readonly (readonly [what: string, before: Scene, after: Scene, isAwaited: boolean])[] = [
      ['has asked', asks, finishes, true],
      ['asks when the backend has finished', saysNothing, asksAndFinishes, true],
      ['says nothing', saysNothing, finishes, false],
      ['has asked and finished', asksAndFinishes, saysNothing, false],
      ['has closed without a word', leaves, saysNothing, false],
    ];
    const backend = await startBackend(t);
    const pairs = await startPairs(t, kind);
    for (const [pair, [what, before, after, isAwaited]] of cases.entries()) {
      const client = await pairs.accept();
      await pairs.relay(pair, backend.address);
      const server = await backend.next();
      await before(client, server);
      await server.finish();
      if (before !== leaves) await client.ended();
      await after(client, server);
      assert.equal(await pairs.ended(pair), 'finished');
      assert.equal(pairs.wasAwaited(pair), isAwaited, `a client that ${what}`);
    }
  });

  for (const balance of ['leastconn', 'random2', 'leastbandwidth'] as const) {
    check(`${balance} does not send everything to a backend that accepts and closes`, async (t, start) => {
      const good = await startBackend(t, ({ socket }) => void socket.once('data', () => socket.end('answer')));
      const bad = await startBackend(t, ({ socket }) => void socket.once('data', () => socket.end()));
      const plane = await start({ backends: [bad.address, good.address], balance, maxFails: 3 });
      for (let n = 1; n <= 20; n++) {
        const client = await plane.client().send(QUESTION);
        await client.ended();
        client.socket.end();
        await plane.finished(n);
      }
      await plane.settled(20);
      assert.ok(bad.peers.length <= 3, `${bad.peers.length} of 20`);
    });
  }

  check('a probe that is accepted and then closed without a byte has failed', async (t, start) => {
    let answer = '';
    const ill = await startBackend(t, ({ socket }) => void socket.once('data', () => socket.end(answer)));
    const plane = await start({ backends: [ill.address], maxFails: 1 });
    for (const [n, says] of ['', '', 'well again'].entries()) {
      answer = says;
      if (n > 0) assert.ok(plane.ledger.startProbing(plane.slot(0)));
      const client = await plane.client().send(QUESTION);
      assert.equal((await client.ended()).bytes, says.length);
      client.socket.end();
      await plane.finished(n + 1);
      await plane.until(() => plane.failures.length === n + 1);
    }
    assert.deepEqual(
      plane.failures.map(({ what, code }) => [what, code]),
      [
        ['ejected', 'EOF'],
        ['ejected', 'EOF'],
        ['passed', ''],
      ],
    );
    await plane.settled(3);
  });

  check('clients that come and leave without a word eject no backend, however it takes it', async (t, start) => {
    const backends = await Promise.all(
      [1, 2].map(() => startBackend(t, (peer) => void peer.socket.once('end', () => peer.reset()))),
    );
    const plane = await start({ backends: backends.map(({ address }) => address), maxFails: 3 });
    for (let n = 1; n <= 12; n++) {
      const client = await plane.client().connected();
      if (n % 3 === 0) client.reset();
      else if (n % 3 === 1) client.socket.destroy();
      else client.socket.end();
    }
    await plane.settled(12);
    assert.deepEqual(plane.failures, []);
  });

  check('a backend that resets clients which have asked is ejected', async (t, start) => {
    const bad = await startBackend(t, (peer) => void peer.socket.once('data', () => peer.reset()));
    const plane = await start({ backends: [bad.address], maxFails: 3 });
    for (let n = 0; n < 3; n++) {
      const client = await plane.client().send(QUESTION);
      assert.equal((await client.closed()).end, 'ECONNRESET');
    }
    await plane.settled(3);
    await plane.until(() => plane.failures.length === 2);
    assert.deepEqual(
      plane.failures.map(({ what, code }) => `${what} ${code}`),
      ['first ECONNRESET', 'ejected ECONNRESET'],
    );
  });
}
