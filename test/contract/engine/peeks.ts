import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { MOST_PEEKED_BYTES } from '../../../src/core/engine.ts';
import { temporaryFolder } from '../../helpers/processes/cli.ts';
import { idleCpuShare } from '../../helpers/processes/idle.ts';
import { startBackend } from '../../helpers/sockets/backends.ts';
import { startLinks, type Links } from '../../helpers/sockets/links.ts';
import { KIB, MIB, payload, sha256 } from '../../helpers/sockets/payload.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import type { Check, EngineUnderTest } from '../engine.ts';

/** Long against a hiccup of the machine. */
const NEVER_MS = 60_000;
const SOON_MS = 50;

/** The first bytes of a client, seen before a backend is chosen, and delivered to it all the same. */
export function peeks(check: Check, { kind }: EngineUnderTest): void {
  check('bytes that come in one go are seen, and delivered once', async (t) => {
    const links = await startLinks(t, kind);
    const client = await links.accept();
    links.peek({ link: 0, atLeast: 5, ms: NEVER_MS });
    await client.send('hello, world');
    const { bytes, result } = await links.seen(0);
    assert.equal(result, 'enough');
    assert(bytes.length >= 5 && 'hello, world'.startsWith(bytes.toString()), bytes.toString());
    await checkDelivery(t, links, client, 'hello, world');
  });

  check('bytes that come one at a time are seen as they come, and delivered once', async (t) => {
    const links = await startLinks(t, kind);
    const client = await links.accept();
    links.peek({ link: 0, atLeast: 1, ms: NEVER_MS, upTo: 5 });
    for (const [n, byte] of ['h', 'e', 'l', 'l', 'o'].entries()) {
      await client.send(byte);
      const { bytes, result } = await links.seen(0, n + 1);
      assert.deepEqual([bytes.toString(), result], ['hello'.slice(0, n + 1), 'enough']);
    }
    await checkDelivery(t, links, client, 'hello');
  });

  check('bytes that were there before anybody looked are seen, as often as is asked', async (t) => {
    const links = await startLinks(t, kind);
    const client = await links.accept();
    await client.send('hello');
    for (const times of [1, 2, 3]) {
      links.peek({ link: 0, atLeast: 5, ms: NEVER_MS });
      assert.deepEqual((await links.seen(0, times)).bytes.toString(), 'hello');
    }
    await checkDelivery(t, links, client, 'hello');
  });

  check('a client that sends nothing is waited for until the deadline, and may be served', async (t) => {
    const links = await startLinks(t, kind);
    const client = await links.accept();
    links.peek({ link: 0, atLeast: 1, ms: SOON_MS });
    assert.deepEqual(await links.seen(0), { bytes: Buffer.alloc(0), result: 'timeout' });
    await client.send('late');
    await checkDelivery(t, links, client, 'late');
  });

  check('of a client that sends too little all is seen at the deadline, and delivered', async (t) => {
    const links = await startLinks(t, kind);
    const client = await links.accept();
    links.peek({ link: 0, atLeast: 3, ms: NEVER_MS });
    await client.send('hel');
    await links.seen(0);
    links.peek({ link: 0, atLeast: 10, ms: SOON_MS });
    assert.deepEqual(await links.seen(0, 2), { bytes: Buffer.from('hel'), result: 'timeout' });
    await client.send('lo');
    await checkDelivery(t, links, client, 'hello');
  });

  for (const sent of ['', 'hel']) {
    check(`a client that finishes after ${sent.length} bytes is told at once, and served`, async (t) => {
      const links = await startLinks(t, kind);
      const client = await links.accept();
      links.peek({ link: 0, atLeast: 10, ms: NEVER_MS });
      await client.finish(sent);
      assert.deepEqual(await links.seen(0), { bytes: Buffer.from(sent), result: 'finished' });
      links.peek({ link: 0, atLeast: 10, ms: NEVER_MS });
      assert.deepEqual(await links.seen(0, 2), { bytes: Buffer.from(sent), result: 'finished' });
      await checkDelivery(t, links, client, sent);
    });

    check(`a client that resets after ${sent.length} bytes is gone`, async (t) => {
      const links = await startLinks(t, kind);
      const client = await links.accept();
      if (sent !== '') {
        links.peek({ link: 0, atLeast: sent.length, ms: NEVER_MS });
        await client.send(sent);
        await links.seen(0);
      }
      const answers = links.sights(0).length;
      links.peek({ link: 0, atLeast: 10, ms: NEVER_MS });
      await links.accept();
      client.reset();
      assert.equal(await links.ended(0), 'client-reset');
      assert.equal(links.sights(0).length, answers);
    });
  }

  check('as many bytes as a peek may ask for are seen, and all of a longer stream is delivered', async (t) => {
    const links = await startLinks(t, kind);
    const client = await links.accept();
    links.peek({ link: 0, atLeast: MOST_PEEKED_BYTES, ms: NEVER_MS });
    const cargo = payload(16 * MIB);
    client.socket.end(cargo);
    const { bytes, result } = await links.seen(0);
    assert.equal(result, 'enough');
    assert(bytes.length >= MOST_PEEKED_BYTES && bytes.length <= MOST_PEEKED_BYTES + 64 * KIB, `${bytes.length} held`);
    assert.deepEqual(bytes, cargo.subarray(0, bytes.length));
    await checkDelivery(t, links, client, cargo);
  });

  check('more bytes than a peek may ask for are refused, and the client may be served', async (t) => {
    const links = await startLinks(t, kind);
    const client = await links.accept();
    links.peek({ link: 0, atLeast: MOST_PEEKED_BYTES + 1, ms: NEVER_MS });
    assert.equal((await links.seen(0)).result, 'too-many');
    await client.send('hello');
    await checkDelivery(t, links, client, 'hello');
  });

  check('bulk goes both ways after a peek', async (t) => {
    const backend = await startBackend(t);
    const links = await startLinks(t, kind);
    const client = await links.accept();
    links.peek({ link: 0, atLeast: 100, ms: NEVER_MS });
    const [up, down] = [payload(16 * MIB + 1), payload(16 * MIB + 2)];
    const sending = client.finish(up);
    await links.seen(0);
    await links.relay(0, backend.address);
    const server = await backend.next();
    await server.finish(down);
    await sending;
    assert.equal((await server.ended()).sha256, sha256(up));
    assert.equal((await client.closed()).sha256, sha256(down));
    assert.equal(await links.ended(0), 'finished');
    assert.deepEqual(links.moved(0), { rxBytes: down.length, txBytes: up.length });
  });

  for (const step of ['dial', 'wait'] as const) {
    check(`a peek that is under way is given up by a ${step}, and loses no byte`, async (t) => {
      const backend = await startBackend(t);
      const links = await startLinks(t, kind);
      const client = await links.accept();
      links.peek({ link: 0, atLeast: 10, ms: SOON_MS });
      await client.send('hel');
      if (step === 'wait') links.order({ type: 'wait', link: 0 });
      await links.relay(0, backend.address);
      const server = await backend.next();
      await client.finish('lo');
      await server.ended();
      assert.equal(server.text, 'hello');
      assert.deepEqual(links.sights(0), []);
    });
  }

  check('a client that was seen to send something waits though it finishes, until it resets', async (t) => {
    const links = await startLinks(t, kind);
    const client = await links.accept();
    links.peek({ link: 0, atLeast: 5, ms: NEVER_MS });
    await client.finish('hello');
    await links.seen(0);
    links.order({ type: 'wait', link: 0 });
    await links.accept();
    assert.equal(links.end(0), undefined);
    client.reset();
    assert.equal(await links.ended(0), 'client-reset');
  });

  for (const [type, end] of [
    ['close', 'FIN'],
    ['reset', 'ECONNRESET'],
  ] as const) {
    check(`a ${type} ends the peeking, as it ends anything else`, async (t) => {
      const links = await startLinks(t, kind);
      const client = await links.accept();
      links.peek({ link: 0, atLeast: 1, ms: NEVER_MS });
      links.order({ type, link: 0 });
      assert.equal(await links.ended(0), 'cut');
      await client.until('an end', () => client.hasEnded);
      client.socket.destroy();
      assert.equal((await client.closed()).end, end);
      assert.deepEqual(links.sights(0), []);
    });
  }

  check('a client of a unix socket is seen, also one that closes for good', async (t) => {
    const links = await startLinks(t, kind, { path: join(temporaryFolder(t), 'x.sock') });
    const client = await links.accept();
    links.peek({ link: 0, atLeast: 10, ms: NEVER_MS });
    await client.send('hello');
    client.socket.destroy();
    assert.deepEqual(await links.seen(0), { bytes: Buffer.from('hello'), result: 'finished' });
  });

  check('to wait for bytes costs no time', async (t) => {
    const links = await startLinks(t, kind);
    for (const client of await links.acceptMany(20)) await client.send('hel');
    for (let link = 0; link < 20; link++) links.peek({ link, atLeast: 10, ms: NEVER_MS });
    await links.accept();
    const share = await idleCpuShare();
    assert(share < 0.5, `uses ${share} of a processor with nothing to do`);
  });
}

/** The link relays, and its backend gets just these bytes of the client, which are counted. */
async function checkDelivery(t: TestContext, links: Links, client: Peer, expected: Buffer | string): Promise<void> {
  const backend = await startBackend(t);
  await links.relay(0, backend.address);
  const server = await backend.next();
  if (!client.socket.writableEnded) await client.finish();
  const bytes = Buffer.from(expected);
  const got = await server.ended();
  assert.deepEqual([got.bytes, got.sha256], [bytes.length, sha256(bytes)]);
  await server.finish('answer');
  assert.equal((await client.closed()).bytes, 6);
  assert.equal(await links.ended(0), 'finished');
  assert.deepEqual(links.moved(0), { rxBytes: 6, txBytes: bytes.length });
}
