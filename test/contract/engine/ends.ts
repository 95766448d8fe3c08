import assert from 'node:assert/strict';
import { echo, startBackend } from '../../helpers/sockets/backends.ts';
import { taken, takenAtStandstill } from '../../helpers/sockets/kernel.ts';
import { payload, sha256, KIB, MIB } from '../../helpers/sockets/payload.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import type { Check } from '../engine.ts';
import { connectPair, type Read } from './pair.ts';

/** A reset is a reset on the other side too, after every byte that came before it. */
export function ends(check: Check): void {
  const before: readonly (readonly [bytes: number, read: Read])[] = [
    [0, 'fast'],
    [KIB, 'fast'],
    [5 * MIB, 'fast'],
    [KIB, 'slow'],
    [5 * MIB, 'slow'],
    [32 * KIB, 'paused'],
  ];
  for (const [bytes, read] of before) {
    check(`the backend resets after ${bytes} bytes, to a ${read} client`, async (t, start) => {
      const { plane, client, backend } = await connectPair(t, start, { client: read });
      await greet(client, backend);
      await checkReset(backend, client, bytes);
      const { cause, rxBytes } = await plane.only();
      assert.deepEqual({ cause, rxBytes }, { cause: 'SD', rxBytes: bytes });
    });

    check(`the client resets after ${bytes} bytes, to a ${read} backend`, async (t, start) => {
      const { plane, client, backend } = await connectPair(t, start, { backend: read });
      await greet(backend, client);
      await checkReset(client, backend, bytes);
      const { cause, txBytes } = await plane.only();
      assert.deepEqual({ cause, txBytes }, { cause: 'CD', txBytes: bytes });
    });
  }

  check('the backend resets while much waits for a client that does not read', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start, { client: 'paused' });
    await checkResetInQueue(backend, client);
    assert.equal((await plane.only()).cause, 'SD');
  });

  check('the client resets while much waits for a backend that does not read', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start, { backend: 'paused' });
    await checkResetInQueue(client, backend);
    assert.equal((await plane.only()).cause, 'CD');
  });

  check('a backend that writes and resets in one breath', async (t, start) => {
    const listener = await startBackend(t);
    const plane = await start({ backends: [listener.address] });
    // The reset may have come before the connect was noticed: then it is a dial that failed.
    const ends = { SD: [5, 'ECONNRESET'], SC: [0, 'FIN'] };
    for (let n = 1; n <= 20; n++) {
      // A client that is reset before it has noticed its own connect does not see the bytes.
      const client = await plane.client().connected();
      const backend = await listener.next();
      backend.socket.write('hello', () => backend.reset());
      await client.until('an end', () => client.hasEnded);
      client.socket.destroy();
      await plane.untilActive(0);
      const { cause } = (await plane.finished(n))[n - 1]!;
      assert.deepEqual([client.bytes, (await client.closed()).end], ends[cause as keyof typeof ends], cause);
    }
  });

  check('the backend resets while the client still sends', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start);
    const sending = client.sendForever();
    await backend.received(MIB);
    backend.reset();
    assert.match((await sending).end, /^(ECONNRESET|EPIPE)$/);
    assert.equal((await plane.only()).cause, 'SD');
  });

  check('the client resets while the backend still sends', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start);
    const sending = backend.sendForever();
    await client.received(MIB);
    client.reset();
    assert.match((await sending).end, /^(ECONNRESET|EPIPE)$/);
    assert.equal((await plane.only()).cause, 'CD');
  });

  check('the backend resets after the client has finished', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start);
    await client.finish('GET');
    await backend.ended();
    await backend.send(payload(100 * KIB));
    await client.received(100 * KIB);
    backend.reset();
    assert.equal((await client.closed()).end, 'ECONNRESET');
    const { cause, rxBytes, txBytes } = await plane.only();
    assert.deepEqual({ cause, rxBytes, txBytes }, { cause: 'SD', rxBytes: 100 * KIB, txBytes: 3 });
  });

  check('the client resets after the backend has finished', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start);
    await backend.finish('enough');
    await client.ended();
    await client.send(payload(100 * KIB));
    await backend.received(100 * KIB);
    client.reset();
    assert.equal((await backend.closed()).end, 'ECONNRESET');
    const { cause, rxBytes, txBytes } = await plane.only();
    assert.deepEqual({ cause, rxBytes, txBytes }, { cause: 'CL', rxBytes: 6, txBytes: 100 * KIB });
  });

  check('a client that finished and then resets is noticed when the backend answers', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start);
    await client.finish('GET');
    await backend.ended();
    client.reset();
    await client.closed();
    assert.match((await backend.sendForever()).end, /^(ECONNRESET|EPIPE)$/);
    assert.equal((await plane.only()).cause, 'CD');
  });

  check('a backend that finished and then resets is noticed when the client sends', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start);
    await backend.finish('enough');
    await client.ended();
    backend.reset();
    await backend.closed();
    assert.match((await client.sendForever()).end, /^(ECONNRESET|EPIPE)$/);
    assert.equal((await plane.only()).cause, 'SL');
  });

  check('the backend resets right behind its last bytes, when the client has finished', async (t, start) => {
    const listener = await startBackend(t);
    const plane = await start({ backends: [listener.address] });
    const sent = payload(100 * KIB);
    for (let n = 1; n <= 20; n++) {
      const client = await plane.client().finish('GET');
      const backend = await listener.next();
      await backend.ended();
      backend.socket.write(sent, () => backend.reset());
      const { bytes, sha256: got, end } = await client.closed();
      assert.deepEqual([got, end], [sha256(sent.subarray(0, bytes)), 'ECONNRESET']);
      assert.equal((await plane.finished(n))[n - 1]!.cause, 'SD');
    }
  });

  check('a reset ends one connection and no other', async (t, start) => {
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address] });
    const [bystander, victim] = [plane.client(), plane.client()];
    await bystander.send('one');
    await bystander.received(3);
    await victim.send('two');
    await victim.received(3);
    victim.reset();
    await plane.finished(1);
    await bystander.finish('more');
    assert.deepEqual((await bystander.closed()).bytes, 7);
    assert.deepEqual(
      (await plane.settled(2)).map(({ cause }) => cause),
      ['CD', '--'],
    );
  });

  check('a client that vanishes without reading its answer harms no other', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start, { client: 'paused' });
    await client.send('GET');
    await backend.received(3);
    const sending = backend.sendForever();
    client.socket.destroy();
    assert.match((await sending).end, /^(ECONNRESET|EPIPE)$/);
    assert.equal((await plane.only()).cause, 'CD');
  });

  check('a client that resets a download does not leave the backend sending on', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start, { backend: 'paused' });
    const sending = backend.sendForever();
    client.send(payload(8 * MIB)).catch(() => {}); // more than the backend takes, which never reads
    await client.received(MIB);
    client.reset();
    await sending;
    assert.equal((await plane.only()).cause, 'CD');
    await plane.untilActive(0);
  });

  check('what a backend answered before it closed on an upload reaches a client that reads late', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start, { client: 'paused', backend: 'paused' });
    await checkClosedOn(backend, client);
    assert.equal((await plane.only()).cause, 'SD');
  });

  check('what a client sent before it closed on an answer reaches a backend that reads late', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start, { client: 'paused', backend: 'paused' });
    await checkClosedOn(client, backend);
    assert.equal((await plane.only()).cause, 'CD');
  });
}

/** The reset comes while both connections are full: the receiver gets all that came before it. */
async function checkResetInQueue(from: Peer, to: Peer): Promise<void> {
  const sent = payload(20 * MIB);
  from.send(sent).catch(() => {}); // it is cut short
  const had = await takenAtStandstill(from);
  from.reset();
  to.socket.resume();
  const got = await to.closed();
  assert(got.bytes >= had, `${got.bytes} of ${had} bytes that came before the reset`);
  assert.deepEqual([got.sha256, got.end], [sha256(sent.subarray(0, got.bytes)), 'ECONNRESET']);
}

/** `from` closes with bytes unread, which is a reset, while both directions stand still. */
async function checkClosedOn(from: Peer, to: Peer): Promise<void> {
  const sent = payload(20 * MIB);
  from.send(sent).catch(() => {}); // it is cut short
  const unread = to.send(sent);
  const had = await takenAtStandstill(from);
  from.socket.destroy();
  await unread; // nobody takes it any more, and it holds nobody up
  to.socket.resume();
  const got = await to.closed();
  assert(got.bytes >= had, `${got.bytes} of ${had} bytes that came before the reset`);
  assert.deepEqual([got.sha256, got.end], [sha256(sent.subarray(0, got.bytes)), 'ECONNRESET']);
}

/** Makes sure that the balancer has noticed the connect: a reset before that is a dial that failed. */
async function greet(from: Peer, to: Peer): Promise<void> {
  await from.send('?');
  await to.received(1);
}

/** The receiver gets these bytes, whole, and then a reset. */
async function checkReset(from: Peer, to: Peer, bytes: number): Promise<void> {
  const sent = payload(bytes);
  await from.send(sent);
  if (bytes > 0) await taken(from);
  from.reset();
  await from.closed();
  to.socket.resume();
  await to.until('an end', () => to.hasEnded);
  to.socket.destroy(); // where it was no reset, that closes it
  assert.deepEqual(await to.closed(), { bytes, sha256: sha256(sent), end: 'ECONNRESET' });
}
