import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { MOST_PEEKED_BYTES } from '../../../src/core/engine.ts';
import { temporaryFolder } from '../../helpers/processes/cli.ts';
import { idleCpuShare } from '../../helpers/processes/idle.ts';
import { startBackend } from '../../helpers/sockets/backends.ts';
import { startPairs, type Pairs } from '../../helpers/sockets/pairs.ts';
import { KIB, MIB, payload, sha256 } from '../../helpers/sockets/payload.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import type { Check, EngineUnderTest } from '../engine.ts';
import { cutShort } from './cut-short.ts';

/** Long against a hiccup of the machine. */
const NEVER_MS = 60_000;
const SOON_MS = 50;

/** The first bytes of a client, seen before a backend is chosen, and delivered to it all the same. */
export function peeks(check: Check, { kind }: EngineUnderTest): void {
  check('bytes that come in one go are seen, and delivered once', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: 5, ms: NEVER_MS });
    await client.send('hello, world');
    const { bytes, result } = await pairs.seen(0);
    assert.equal(result, 'enough');
    assert(bytes.length >= 5 && 'hello, world'.startsWith(bytes.toString()), bytes.toString());
    await checkDelivery(t, pairs, client, 'hello, world');
  });

  check('bytes that come one at a time are seen as they come, and delivered once', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: 1, ms: NEVER_MS, upTo: 5 });
    for (const [n, byte] of ['h', 'e', 'l', 'l', 'o'].entries()) {
      await client.send(byte);
      const { bytes, result } = await pairs.seen(0, n + 1);
      assert.deepEqual([bytes.toString(), result], ['hello'.slice(0, n + 1), 'enough']);
    }
    await checkDelivery(t, pairs, client, 'hello');
  });

  check('bytes that were there before anybody looked are seen, as often as is asked', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    await client.send('hello');
    for (const times of [1, 2, 3]) {
      pairs.peek({ pair: 0, atLeast: 5, ms: NEVER_MS });
      assert.deepEqual((await pairs.seen(0, times)).bytes.toString(), 'hello');
    }
    await checkDelivery(t, pairs, client, 'hello');
  });

  check('a client that sends nothing is waited for until the deadline, and may be served', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: 1, ms: SOON_MS });
    assert.deepEqual(await pairs.seen(0), { bytes: Buffer.alloc(0), result: 'timeout' });
    await client.send('late');
    await checkDelivery(t, pairs, client, 'late');
  });

  check('of a client that sends too little all is seen at the deadline, and delivered', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: 3, ms: NEVER_MS });
    await client.send('hel');
    await pairs.seen(0);
    pairs.peek({ pair: 0, atLeast: 10, ms: SOON_MS });
    assert.deepEqual(await pairs.seen(0, 2), { bytes: Buffer.from('hel'), result: 'timeout' });
    await client.send('lo');
    await checkDelivery(t, pairs, client, 'hello');
  });

  for (const sent of ['', 'hel']) {
    check(`a client that finishes after ${sent.length} bytes is told at once, and served`, async (t) => {
      const pairs = await startPairs(t, kind);
      const client = await pairs.accept();
      pairs.peek({ pair: 0, atLeast: 10, ms: NEVER_MS });
      await client.finish(sent);
      assert.deepEqual(await pairs.seen(0), { bytes: Buffer.from(sent), result: 'finished' });
      pairs.peek({ pair: 0, atLeast: 10, ms: NEVER_MS });
      assert.deepEqual(await pairs.seen(0, 2), { bytes: Buffer.from(sent), result: 'finished' });
      await checkDelivery(t, pairs, client, sent);
    });

    check(`a client that resets after ${sent.length} bytes is gone`, async (t) => {
      const pairs = await startPairs(t, kind);
      const client = await pairs.accept();
      if (sent !== '') {
        pairs.peek({ pair: 0, atLeast: sent.length, ms: NEVER_MS });
        await client.send(sent);
        await pairs.seen(0);
      }
      const answers = pairs.sights(0).length;
      pairs.peek({ pair: 0, atLeast: 10, ms: NEVER_MS });
      await pairs.accept();
      client.reset();
      assert.equal(await pairs.ended(0), 'client-reset');
      assert.equal(pairs.sights(0).length, answers);
    });
  }

  check('as many bytes as a peek may ask for are seen, and all of a longer stream is delivered', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: MOST_PEEKED_BYTES, ms: NEVER_MS });
    const cargo = payload(16 * MIB);
    client.socket.end(cargo);
    const { bytes, result } = await pairs.seen(0);
    assert.equal(result, 'enough');
    assert(bytes.length >= MOST_PEEKED_BYTES && bytes.length <= MOST_PEEKED_BYTES + 64 * KIB, `${bytes.length} held`);
    assert.deepEqual(bytes, cargo.subarray(0, bytes.length));
    await checkDelivery(t, pairs, client, cargo);
  });

  check('more bytes than a peek may ask for are refused, and the client may be served', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: MOST_PEEKED_BYTES + 1, ms: NEVER_MS });
    assert.equal((await pairs.seen(0)).result, 'too-many');
    await client.send('hello');
    await checkDelivery(t, pairs, client, 'hello');
  });

  check('bulk goes both ways after a peek', async (t) => {
    const backend = await startBackend(t);
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: 100, ms: NEVER_MS });
    const [up, down] = [payload(16 * MIB + 1), payload(16 * MIB + 2)];
    const sending = client.finish(up);
    await pairs.seen(0);
    await pairs.relay(0, backend.address);
    const server = await backend.next();
    await server.finish(down);
    await sending;
    assert.equal((await server.ended()).sha256, sha256(up));
    assert.equal((await client.closed()).sha256, sha256(down));
    assert.equal(await pairs.ended(0), 'finished');
    assert.deepEqual(pairs.moved(0), { rxBytes: down.length, txBytes: up.length });
  });

  for (const step of ['dial', 'wait'] as const) {
    check(`a peek that is under way is given up by a ${step}, and loses no byte`, async (t) => {
      const backend = await startBackend(t);
      const pairs = await startPairs(t, kind);
      const client = await pairs.accept();
      pairs.peek({ pair: 0, atLeast: 10, ms: SOON_MS });
      await client.send('hel');
      if (step === 'wait') pairs.order({ type: 'wait', pair: 0 });
      await pairs.relay(0, backend.address);
      const server = await backend.next();
      await client.finish('lo');
      await server.ended();
      assert.equal(server.text, 'hello');
      assert.deepEqual(pairs.sights(0), []);
    });
  }

  check('a client that was seen to send something waits though it finishes, until it resets', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: 5, ms: NEVER_MS });
    await client.finish('hello');
    await pairs.seen(0);
    pairs.order({ type: 'wait', pair: 0 });
    await pairs.accept();
    assert.equal(pairs.end(0), undefined);
    client.reset();
    assert.equal(await pairs.ended(0), 'client-reset');
  });

  cutShort(check, kind, {
    what: 'peeking',
    begin: (pairs) => pairs.peek({ pair: 0, atLeast: 1, ms: NEVER_MS }),
  });

  check('a client of a unix socket is seen, also one that closes for good', async (t) => {
    const pairs = await startPairs(t, kind, { path: join(temporaryFolder(t), 'x.sock') });
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: 10, ms: NEVER_MS });
    await client.send('hello');
    client.socket.destroy();
    assert.deepEqual(await pairs.seen(0), { bytes: Buffer.from('hello'), result: 'finished' });
  });

  check('to wait for bytes costs no time', async (t) => {
    const pairs = await startPairs(t, kind);
    for (const client of await pairs.acceptMany(20)) await client.send('hel');
    for (let pair = 0; pair < 20; pair++) pairs.peek({ pair, atLeast: 10, ms: NEVER_MS });
    await pairs.accept();
    const share = await idleCpuShare();
    assert(share < 0.5, `uses ${share} of a processor with nothing to do`);
  });
}

/** The pair relays, and its backend gets just these bytes of the client, which are counted. */
async function checkDelivery(t: TestContext, pairs: Pairs, client: Peer, expected: Buffer | string): Promise<void> {
  const backend = await startBackend(t);
  await pairs.relay(0, backend.address);
  const server = await backend.next();
  if (!client.socket.writableEnded) await client.finish();
  const bytes = Buffer.from(expected);
  const got = await server.ended();
  assert.deepEqual([got.bytes, got.sha256], [bytes.length, sha256(bytes)]);
  await server.finish('answer');
  assert.equal((await client.closed()).bytes, 6);
  assert.equal(await pairs.ended(0), 'finished');
  assert.deepEqual(pairs.moved(0), { rxBytes: 6, txBytes: bytes.length });
}
