import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import { temporaryFolder } from '../../helpers/processes/cli.ts';
import { idleCpuShare } from '../../helpers/processes/idle.ts';
import { REFUSING, startBackend } from '../../helpers/sockets/backends.ts';
import { deafAddress } from '../../helpers/sockets/silent-listener.ts';
import { startPairs } from '../../helpers/sockets/pairs.ts';
import { KIB, MIB, payload, sha256 } from '../../helpers/sockets/payload.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import type { Check, EngineUnderTest } from '../engine.ts';
import { cutShort } from './cut-short.ts';

const MANY = 1_000;
const BATCHES = 3;
/** Of the heap, for a client that waits, besides its pair. An engine over Node's sockets needs less than the second. */
const MOST_BYTES: Partial<Record<EngineKind, number>> = { epoll: 128 };
const MOST_BYTES_USUALLY = 1 * KIB;

/** A client for whom nobody is dialled yet. */
export function waits(check: Check, { kind }: EngineUnderTest): void {
  check('a client that waits has left when it resets, or finishes and has sent nothing', async (t) => {
    const pairs = await startPairs(t, kind);
    for (const [pair, leave] of ['reset', 'finish'].entries()) {
      const client = await pairs.accept();
      pairs.order({ type: 'wait', pair });
      if (leave === 'reset') client.reset();
      else client.socket.end();
      assert.equal(await pairs.ended(pair), 'client-reset');
    }
  });

  check('a client that had finished before it was to wait has left, and that is told later', async (t) => {
    const pairs = await startPairs(t, kind);
    await finished(await pairs.accept());
    await pairs.accept();
    pairs.order({ type: 'wait', pair: 0 });
    assert.equal(await pairs.ended(0), 'client-reset');
  });

  for (const [what, bytes] of [
    ['little', 5],
    ['more than is read before the relay', 16 * MIB],
  ] as const) {
    check(`a client that sends ${what} and finishes waits, and is served`, async (t) => {
      const backend = await startBackend(t);
      const pairs = await startPairs(t, kind);
      const client = await pairs.accept();
      pairs.order({ type: 'wait', pair: 0 });
      const cargo = payload(bytes);
      const sent = finished(client, cargo);
      if (bytes < KIB) await sent;
      await pairs.accept();
      pairs.order({ type: 'dial', pair: 0, to: backend.address });
      await pairs.told('dialled', 0);
      pairs.order({ type: 'relay', pair: 0 });
      const server = await backend.next();
      await sent;
      assert.equal((await server.ended()).sha256, sha256(cargo));
      await server.finish('answer');
      assert.equal((await client.closed()).bytes, 6);
      assert.equal(await pairs.ended(0), 'finished');
    });
  }

  for (const [what, send] of [
    ['little', (client: Peer) => client.send('question')],
    ['more than is read before the relay', (client: Peer) => void client.socket.write(payload(16 * MIB))],
    ['its question and finished', (client: Peer) => finished(client, 'question')],
  ] as const) {
    check(`a client that has sent ${what} waits until it resets`, async (t) => {
      const pairs = await startPairs(t, kind);
      const client = await pairs.accept();
      pairs.order({ type: 'wait', pair: 0 });
      await send(client);
      await pairs.accept();
      assert.equal(pairs.end(0), undefined);
      client.reset();
      assert.equal(await pairs.ended(0), 'client-reset');
    });
  }

  cutShort(check, kind, {
    what: 'waiting',
    begin: (pairs) => pairs.order({ type: 'wait', pair: 0 }),
  });

  check('a client for which no backend could be dialled waits again', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    for (const times of [1, 2]) {
      pairs.order({ type: 'wait', pair: 0 });
      pairs.order({ type: 'dial', pair: 0, to: REFUSING });
      await pairs.told('dialFailed', 0, times);
    }
    pairs.order({ type: 'wait', pair: 0 });
    client.socket.end();
    assert.equal(await pairs.ended(0), 'client-reset');
  });

  check('of several dials the first that connects is the backend, and each that fails is told of', async (t) => {
    const [backend, beaten] = [await startBackend(t), await deafAddress(t)];
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    for (const to of [beaten, REFUSING]) pairs.order({ type: 'dial', pair: 0, to });
    await pairs.told('dialFailed', 0);
    pairs.order({ type: 'dial', pair: 0, to: backend.address });
    await pairs.told('dialled', 0);
    pairs.order({ type: 'relay', pair: 0 });
    await finished(client, 'question');
    const server = await backend.next();
    await server.finish('banner');
    assert.equal((await client.closed()).bytes, 6);
    assert.equal(await pairs.ended(0), 'finished');
  });

  check('a client that leaves while several dials are under way ends them all', async (t) => {
    const deaf = [await deafAddress(t), await deafAddress(t)];
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    for (const to of deaf) pairs.order({ type: 'dial', pair: 0, to });
    client.reset();
    assert.equal(await pairs.ended(0), 'client-reset');
  });

  check('a client that finishes when it waits no more is served, though it has sent nothing', async (t) => {
    const backend = await startBackend(t);
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.order({ type: 'wait', pair: 0 });
    pairs.order({ type: 'dial', pair: 0, to: backend.address });
    await pairs.told('dialled', 0);
    await finished(client);
    await pairs.accept();
    pairs.order({ type: 'relay', pair: 0 });
    const server = await backend.next();
    await server.finish('banner');
    assert.equal((await client.closed()).bytes, 6);
    assert.equal(await pairs.ended(0), 'finished');
  });

  check('a client of a unix socket that closes for good has left if it has sent nothing', async (t) => {
    const pairs = await startPairs(t, kind, { path: join(temporaryFolder(t), 'x.sock') });
    const [silent, other] = await pairs.acceptMany(2);
    for (const pair of [0, 1]) pairs.order({ type: 'wait', pair });
    await other!.send('a last word');
    for (const client of [other!, silent!]) client.socket.destroy();
    assert.equal(await pairs.ended(0), 'client-reset');
    assert.equal(pairs.end(1), undefined);
  });

  check('a client that waits costs no time, and next to no memory', async (t) => {
    const pairs = await startPairs(t, kind);
    await pairs.acceptMany(BATCHES * MANY);
    await pairs.weigh();
    const bytes: number[] = [];
    for (let batch = 0; batch < BATCHES; batch++) {
      const before = await pairs.weigh();
      for (let pair = batch * MANY; pair < (batch + 1) * MANY; pair++) pairs.order({ type: 'wait', pair });
      bytes.push(((await pairs.weigh()) - before) / MANY);
    }
    // What V8 compiles meanwhile is in one of them.
    const least = Math.min(...bytes);
    assert(least <= (MOST_BYTES[kind] ?? MOST_BYTES_USUALLY), `${least} bytes for each`);
    const share = await idleCpuShare();
    assert(share < 0.5, `uses ${share} of a processor with nothing to do`);
  });
}

/** Resolves when its end is on its way, after these bytes. */
async function finished(client: Peer, bytes: Buffer | string = ''): Promise<void> {
  await client.finish(bytes);
  if (!client.socket.writableFinished) await once(client.socket, 'finish');
}
