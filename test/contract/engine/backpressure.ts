import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { startBackend } from '../../helpers/sockets/backends.ts';
import { KERNEL_BUFFER_BYTES } from '../../helpers/sockets/kernel.ts';
import { payload, sha256, MIB } from '../../helpers/sockets/payload.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import type { Check, Start } from '../engine.ts';
import type { Pair } from './pair.ts';

/**
 * What the kernel may buffer on the way, over two connections. The rest would be in our memory. Of the receive buffers
 * only ours grows, because the other end does not read.
 */
const MOST_UNDERWAY = Math.max(24 * MIB, KERNEL_BUFFER_BYTES + MIB);

const CARGO = payload(50 * MIB);

/** A reader that stops stops its sender, and nobody else. */
export function backpressure(check: Check): void {
  check('50 MiB to a client that does not read wait at the backend, and arrive when it does', async (t, start) => {
    const [stopped, other] = await connectTwo(t, start, 'client');
    await checkStandstill(stopped.backend, stopped.client, () => carry(other.backend, other.client));
    await finishBoth(stopped, other);
    const lines = await stopped.plane.settled(2);
    assert.deepEqual(
      lines.map(({ cause, rxBytes }) => [cause, rxBytes]),
      Array(2).fill(['--', CARGO.length]),
    );
  });

  check('50 MiB to a backend that does not read wait at the client, and arrive when it does', async (t, start) => {
    const [stopped, other] = await connectTwo(t, start, 'backend');
    await checkStandstill(stopped.client, stopped.backend, () => carry(other.client, other.backend));
    await finishBoth(stopped, other);
    const lines = await stopped.plane.settled(2);
    assert.deepEqual(
      lines.map(({ cause, txBytes }) => [cause, txBytes]),
      Array(2).fill(['--', CARGO.length]),
    );
  });

  check('a client that does not read may still send', async (t, start) => {
    const [stopped, other] = await connectTwo(t, start, 'client');
    const sending = stopped.backend.send(CARGO);
    await stopped.client.send(CARGO);
    await stopped.backend.received(CARGO.length);
    assert(stopped.backend.sentBytes < MOST_UNDERWAY);
    stopped.client.socket.resume();
    await sending;
    await finishBoth(stopped, other);
    await stopped.plane.settled(2);
  });
}

/** Two connections through one plane; one end of the first does not read. */
async function connectTwo(t: TestContext, start: Start, paused: 'client' | 'backend'): Promise<readonly [Pair, Pair]> {
  const listener = await startBackend(t);
  const plane = await start({ backends: [listener.address] });
  const connectOne = async (): Promise<Pair> => ({ plane, client: plane.client(), backend: await listener.next() });
  const stopped = await connectOne();
  stopped[paused].socket.pause();
  return [stopped, await connectOne()];
}

/** While `to` does not read, little leaves `from`, in all the time that the same takes elsewhere. */
async function checkStandstill(from: Peer, to: Peer, elsewhere: () => Promise<void>): Promise<void> {
  const sending = from.send(CARGO);
  await elsewhere();
  // What left the sender is in kernels or with us: this bounds what we hold.
  assert(from.sentBytes < MOST_UNDERWAY, `${from.sentBytes} bytes have left the sender`);
  to.socket.resume();
  await sending;
}

async function carry(from: Peer, to: Peer): Promise<void> {
  await from.send(CARGO);
  await to.received(CARGO.length);
}

async function finishBoth(...pairs: readonly Pair[]): Promise<void> {
  const whole = sha256(CARGO);
  for (const { client, backend } of pairs) {
    client.socket.end();
    backend.socket.end();
    for (const { bytes, sha256: got, end } of [await client.closed(), await backend.closed()]) {
      assert.deepEqual([bytes === 0 || got === whole, end], [true, 'FIN']);
    }
  }
}
