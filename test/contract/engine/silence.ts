import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../helpers/sockets/turns.ts';
import { isListed, takenAtStandstill } from '../../helpers/sockets/kernel.ts';
import { MIB, payload, sha256 } from '../../helpers/sockets/payload.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import type { Check, EngineUnderTest } from '../engine.ts';
import { connectPair } from './pair.ts';

const LIMIT_MS = 300;

/** Long against a hiccup of the machine. */
const PATIENT_MS = 1_500;

/** Of a reader that takes a chunk of 64 KiB each time. */
const READ_EVERY_MS = 60;

/** A side is silent while its peer sends nothing and acknowledges nothing; its end is a reset. */
export function silence(check: Check, { kind }: EngineUnderTest): void {
  check('a client that reads nothing is reset, and the log says what was under way to it', async (t, start) => {
    const limits = { clientIdleMs: LIMIT_MS };
    const { plane, client, backend } = await connectPair(t, start, { client: 'paused', limits });
    backend.send(payload(20 * MIB)).catch(() => {}); // it is cut short
    await takenAtStandstill(backend);
    assert.equal((await backend.closed()).end, 'ECONNRESET');
    client.socket.resume();
    assert.equal((await client.closed()).end, 'ECONNRESET');
    const { cause, unacknowledgedBytes = 0 } = await plane.only();
    assert.equal(cause, 'cD');
    assert.ok(unacknowledgedBytes > 0);
  });

  check('bytes to a client that acknowledges none do not keep it awake', async (t, start) => {
    const limits = { clientIdleMs: LIMIT_MS };
    const { plane, client, backend } = await connectPair(t, start, { client: 'paused', limits });
    await backend.send(payload(3 * MIB));
    while (!backend.hasEnded) {
      backend.socket.write('.');
      await pause(LIMIT_MS / 10);
    }
    client.socket.destroy();
    assert.equal((await plane.only()).cause, 'cD');
  });

  check('a client that has finished and takes nothing of its answer does not stay for ever', async (t, start) => {
    const limits = { clientFinMs: LIMIT_MS, backendFinMs: LIMIT_MS };
    const { plane, client, backend } = await connectPair(t, start, { client: 'paused', limits });
    await client.finish('GET');
    await backend.ended();
    await backend.finish(payload(MIB));
    // The other engine closes in order, and has the kernel give it up.
    assert.equal((await plane.only()).cause, kind === 'net' ? 'cF' : '--');
    if (kind !== 'net') return;
    await eventually(() => !isListed(client, plane.address));
  });

  check('a client that has finished gets its whole answer, however slowly it takes it', async (t, start) => {
    const limits = { clientFinMs: PATIENT_MS, backendFinMs: PATIENT_MS };
    const { plane, client, backend } = await connectPair(t, start, { client: 'paused', limits });
    await client.finish('GET');
    await backend.ended();
    const sent = payload(2 * MIB);
    await backend.finish(sent);
    readSteadily(client);
    assert.equal((await client.closed()).sha256, sha256(sent));
    assert.equal((await plane.only()).cause, '--');
  });
}

/** A chunk at a time, to the end. */
function readSteadily({ socket }: Peer): void {
  socket.on('data', () => {
    socket.pause();
    setTimeout(() => socket.resume(), READ_EVERY_MS);
  });
  socket.resume();
}
