import assert from 'node:assert/strict';
import { startBackend } from '../../helpers/sockets/backends.ts';
import { MIB, payload } from '../../helpers/sockets/payload.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import type { Check } from '../engine.ts';
import { connectPair } from './pair.ts';

const IDLE_MS = 100;

/** Long against a hiccup of the machine, and the traffic goes on for longer. */
const PATIENT_MS = 1000;
const CHUNK_EVERY_MS = 60;
const CHUNKS = 20;

/** No activity in either direction on a side's socket ends the connection, and nothing else does. */
export function idle(check: Check): void {
  check('a silent client is reset after client_idle_timeout', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start, { limits: { clientIdleMs: IDLE_MS } });
    assert.equal((await client.closed()).end, 'ECONNRESET');
    assert.equal((await backend.closed()).end, 'ECONNRESET');
    assert.equal((await plane.only()).cause, 'cD');
  });

  check('a silent backend is reset after backend_idle_timeout', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start, { limits: { backendIdleMs: IDLE_MS } });
    await client.send('GET');
    assert.equal((await client.closed()).end, 'ECONNRESET');
    assert.equal((await backend.closed()).end, 'ECONNRESET');
    const { cause, txBytes } = await plane.only();
    assert.deepEqual({ cause, txBytes }, { cause: 'sD', txBytes: 3 });
  });

  check('a client that stays silent after the backend has finished is reset', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start, { limits: { clientIdleMs: PATIENT_MS } });
    await backend.finish('bye');
    assert.equal((await client.ended()).bytes, 3);
    assert.equal((await backend.closed()).end, 'ECONNRESET');
    assert.equal((await plane.only()).cause, 'cL');
  });

  check('a backend that has finished sending and takes nothing more is reset', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start, { limits: { backendIdleMs: PATIENT_MS } });
    await backend.finish('bye');
    assert.equal((await client.ended()).bytes, 3);
    assert.equal((await backend.closed()).end, 'ECONNRESET');
    assert.equal((await plane.only()).cause, 'sL');
  });

  check('a client that does not read is idle', async (t, start) => {
    const { plane, backend } = await connectPair(t, start, { client: 'paused', limits: { clientIdleMs: IDLE_MS } });
    backend.send(payload(20 * MIB)).catch(() => {}); // it is cut short
    assert.equal((await plane.only()).cause, 'cD');
  });

  check('traffic in one direction keeps both sides awake', async (t, start) => {
    const listener = await startBackend(t);
    const limits = { clientIdleMs: PATIENT_MS, backendIdleMs: PATIENT_MS };
    const plane = await start({ backends: [listener.address], limits });
    const [down, up] = [plane.client(), plane.client()];
    const peers = [await listener.next(), await listener.next()];
    await down.send('down');
    await up.send('up');
    await Promise.all(peers.map((peer) => peer.received(2)));
    await Promise.all(
      peers.map((peer) => (peer.text.startsWith('down') ? trickle(peer) : peer.ended())).concat(trickle(up)),
    );
    assert.equal((await down.ended()).bytes, CHUNKS);
    down.socket.end();
    for (const peer of peers) peer.socket.end();
    const lines = await plane.settled(2);
    assert.deepEqual(
      lines.map(({ cause }) => cause),
      ['--', '--'],
    );
  });
}

/** A byte at a time, and then the end. */
async function trickle(peer: Peer): Promise<void> {
  for (let n = 0; n < CHUNKS; n++) {
    await peer.send('.');
    await new Promise((resolve) => setTimeout(resolve, CHUNK_EVERY_MS));
  }
  peer.socket.end();
}
