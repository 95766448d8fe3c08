import assert from 'node:assert/strict';
import { banner, startBackend } from '../../helpers/sockets/backends.ts';
import { startPairs } from '../../helpers/sockets/pairs.ts';
import { KIB, MIB, payload, sha256 } from '../../helpers/sockets/payload.ts';
import type { Check, EngineUnderTest } from '../engine.ts';

const PREFACE = Buffer.from('PREFACE ');
/** More than the sockets on the way hold, so that it goes in parts. */
const LARGE = 16 * MIB + 37;

/** Bytes that a backend gets before those of its client. */
export function prefaces(check: Check, { kind }: EngineUnderTest): void {
  check('a preface comes before the first byte of the client, and is not counted', async (t) => {
    const backend = await startBackend(t);
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    await client.finish('hello');
    await pairs.relay(0, backend.address, PREFACE);
    const server = await backend.next();
    await server.ended();
    assert.equal(server.text, 'PREFACE hello');
    await server.finish('bye');
    await client.closed();
    assert.equal(await pairs.ended(0), 'finished');
    assert.deepEqual(pairs.moved(0), { rxBytes: 3, txBytes: 5 });
  });

  check('a preface does not wait for a client that sends nothing, nor for a backend that speaks first', async (t) => {
    const backend = await startBackend(t, banner('220 ready'));
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    await pairs.relay(0, backend.address, PREFACE);
    await client.received(9);
    const server = await backend.next();
    await server.received(PREFACE.length);
    await client.finish('EHLO');
    await server.ended();
    assert.equal(server.text, 'PREFACE EHLO');
    assert.equal(await pairs.ended(0), 'finished');
    assert.deepEqual(pairs.moved(0), { rxBytes: 9, txBytes: 4 });
  });

  check('a preface follows a peek, and what was seen follows the preface', async (t) => {
    const backend = await startBackend(t);
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: 5, ms: 60_000 });
    await client.send('hello');
    await pairs.seen(0);
    await pairs.relay(0, backend.address, PREFACE);
    await client.finish(', world');
    const server = await backend.next();
    await server.finish();
    await server.ended();
    assert.equal(server.text, 'PREFACE hello, world');
    assert.equal(await pairs.ended(0), 'finished');
    assert.deepEqual(pairs.moved(0), { rxBytes: 0, txBytes: 12 });
  });

  for (const read of ['fast', 'slow', 'paused'] as const) {
    check(`a large preface, in parts to a ${read} backend, comes whole and in order`, async (t) => {
      const backend = await startBackend(t, undefined, { read });
      const pairs = await startPairs(t, kind);
      const client = await pairs.accept();
      const [preface, cargo] = [payload(LARGE), Buffer.from(payload(MIB).reverse())];
      const sending = client.finish(cargo);
      await pairs.relay(0, backend.address, preface);
      const server = await backend.next();
      await pairs.accept(); // time for what the sockets take
      server.socket.resume();
      await sending;
      assert.equal((await server.ended()).sha256, sha256(Buffer.concat([preface, cargo])));
      await server.finish();
      await client.closed();
      assert.equal(await pairs.ended(0), 'finished');
      assert.deepEqual(pairs.moved(0), { rxBytes: 0, txBytes: cargo.length });
    });
  }

  check('an empty preface is none', async (t) => {
    const backend = await startBackend(t);
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    await pairs.relay(0, backend.address, Buffer.alloc(0));
    await client.finish('hello');
    const server = await backend.next();
    await server.finish();
    await server.ended();
    assert.equal(server.text, 'hello');
    assert.equal(await pairs.ended(0), 'finished');
    assert.deepEqual(pairs.moved(0), { rxBytes: 0, txBytes: 5 });
  });

  for (const bytes of [0, LARGE]) {
    check(`a backend that resets on a preface, of which it had ${bytes} bytes yet to take`, async (t) => {
      const backend = await startBackend(t, undefined, { read: 'paused' });
      const pairs = await startPairs(t, kind);
      const client = await pairs.accept();
      await pairs.relay(0, backend.address, bytes === 0 ? PREFACE : payload(LARGE));
      const server = await backend.next();
      if (bytes === 0) {
        server.socket.resume();
        await server.received(PREFACE.length);
      }
      server.reset();
      assert.equal(await pairs.ended(0), 'backend-reset');
      assert.deepEqual(pairs.moved(0), { rxBytes: 0, txBytes: 0 });
      await client.until('an end', () => client.hasEnded);
    });
  }

  check('a client that resets before the backend has taken the preface has moved nothing', async (t) => {
    const backend = await startBackend(t, undefined, { read: 'paused' });
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    await pairs.relay(0, backend.address, payload(LARGE));
    const server = await backend.next();
    await client.send(payload(KIB));
    client.reset();
    server.socket.resume();
    await server.closed();
    assert.equal(await pairs.ended(0), 'client-reset');
    const { txBytes } = pairs.moved(0);
    assert(txBytes === 0 || txBytes === KIB, `${txBytes} bytes counted`);
    assert(server.bytes <= LARGE + KIB);
  });
}
