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
