import assert from 'node:assert/strict';
import { KIB, MIB, payload, sha256 } from '../../helpers/sockets/payload.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import type { Check } from '../engine.ts';
import { connectPair } from './pair.ts';

/** Long against a hiccup of the machine. */
const IDLE_MS = 1_500;

/** So much is in the kernel's buffers soon; it takes the client much longer than an idle timeout to read it. */
const BYTES = 3 * MIB;
const READ_BYTES = 64 * KIB;
const READ_EVERY_MS = 60;

/** A peer that reads is alive, however long ago the kernel has taken the last byte for it. */
export function slowReaders(check: Check): void {
  const cases = { client: { clientIdleMs: IDLE_MS }, backend: { backendIdleMs: IDLE_MS } } as const;
  for (const [side, limits] of Object.entries(cases)) {
    check(`a client that reads slowly is not cut by ${side}_idle_timeout`, async (t, start) => {
      const { plane, client, backend } = await connectPair(t, start, { client: 'paused', limits });
      // So that all is over once its kernel has the last byte, which may be long before it has read that.
      await client.finish('GET');
      const bytes = payload(BYTES);
      const sent = backend.finish(bytes);
      await trickleIn(client, BYTES);
      await sent;
      assert.equal((await client.closed()).sha256, sha256(bytes));
      assert.equal((await plane.only()).cause, '--');
    });
  }

  check('a client that lives and does not read is not taken for dead', async (t, start) => {
    const { plane, client, backend } = await connectPair(t, start, {
      client: 'paused',
      limits: { unacknowledgedMs: 500 },
    });
    const bytes = payload(10 * MIB);
    const sent = backend.finish(bytes);
    // By then the kernel has asked at the closed window for several times, and was answered.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    client.socket.resume();
    await sent;
    assert.equal((await client.ended()).sha256, sha256(bytes));
    client.socket.end();
    assert.equal((await plane.only()).cause, '--');
  });
}

/** Reads a little at a time. */
async function trickleIn(peer: Peer, bytes: number): Promise<void> {
  for (let wanted = 0; wanted < bytes;) {
    wanted = Math.min(bytes, wanted + READ_BYTES);
    peer.socket.resume();
    await peer.received(wanted);
    peer.socket.pause();
    await new Promise((resolve) => setTimeout(resolve, READ_EVERY_MS));
  }
  peer.socket.resume();
}
