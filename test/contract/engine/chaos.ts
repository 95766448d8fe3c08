import assert from 'node:assert/strict';
import { seededRandom } from '../../helpers/fakes/test-capacity.ts';
import type { TestPlane } from '../../helpers/rigs/plane.ts';
import { REFUSING, startBackend } from '../../helpers/sockets/backends.ts';
import { openDescriptors } from '../../helpers/sockets/kernel.ts';
import { payload, sha256, KIB } from '../../helpers/sockets/payload.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import { deafAddress } from '../../helpers/sockets/silent-listener.ts';
import { eventually, turn } from '../../helpers/sockets/turns.ts';
import type { Check } from '../engine.ts';

const CONNECTIONS = 300;
const MOST_AT_ONCE = 50;
/** Longer than the idle timeouts. */
const LONG_MS = 400;
const SENT = payload(300 * KIB);

/** What an end does after it has sent some of its bytes. */
const MOODS = [
  'finish',
  'finish',
  'finish',
  'reset',
  'destroy',
  'stall',
  'stop reading',
  'reset after the end',
] as const;
type Mood = (typeof MOODS)[number];

/** Everybody may leave at any moment, and nothing is left of it. */
export function chaos(check: Check): void {
  for (const seed of [1, 2, 3]) {
    check(`clients and backends that leave at random, seed ${seed}`, async (t, start) => {
      const random = seededRandom(seed);
      const backend = await startBackend(t, (peer) => void behave(peer, random));
      const plane = await start({
        backends: [backend.address, REFUSING, await deafAddress(t), backend.address],
        weights: [5, 1, 1, 5],
        maxConnections: [20, 0, 5, 20],
        limits: { maxConnections: MOST_AT_ONCE - 5, connectTimeoutMs: 50, clientIdleMs: 200, backendIdleMs: 300 },
      });
      await visit(plane, random, 'finish');
      await Promise.all(backend.peers.map((peer) => peer.closed()));
      const before = openDescriptors();
      await Promise.all(
        Array.from({ length: MOST_AT_ONCE }, async () => {
          for (let n = 0; n < CONNECTIONS / MOST_AT_ONCE; n++) await visit(plane, random);
        }),
      );
      // Clients are accepted in their order, those that have left already too: after this one none is to come.
      await visit(plane, random, 'finish');
      await plane.untilActive(0);
      await plane.finished(plane.totals().accepted);
      plane.assertNothingOpen();
      for (const peer of backend.peers) peer.socket.destroy();
      await eventually(() => openDescriptors() <= before);
    });
  }
}

async function visit(plane: TestPlane, random: () => number, mood?: Mood): Promise<void> {
  const client = plane.client();
  if (mood === undefined && random() < 0.1) {
    for (let turns = random() * 3; turns > 0; turns--) await turn();
    if (random() < 0.5) client.reset();
    else client.socket.destroy();
  }
  await behave(client, random, mood);
}

/** Sends some or all of its bytes, then does as its mood is, and is closed when this resolves. */
async function behave(peer: Peer, random: () => number, given?: Mood): Promise<void> {
  const mood = given ?? MOODS[Math.floor(random() * MOODS.length)]!;
  const length = mood === 'finish' ? SENT.length : Math.floor(random() * SENT.length);
  try {
    await peer.send(SENT.subarray(0, length));
  } catch {
    // the other end has left: so do we
  }
  switch (mood) {
    case 'finish':
      peer.socket.end();
      break;
    case 'reset after the end':
      peer.socket.end(() => peer.reset());
      break;
    case 'reset':
      peer.reset();
      break;
    case 'destroy':
      peer.socket.destroy();
      break;
    case 'stall':
      await peer.until('an end', () => peer.hasEnded || peer.isClosed);
      peer.socket.destroy();
      break;
    case 'stop reading':
      peer.socket.pause();
      await new Promise((resolve) => setTimeout(resolve, LONG_MS));
      peer.socket.destroy();
      break;
    default:
      mood satisfies never;
  }
  const { bytes, sha256: got } = await peer.closed();
  assert.equal(got, sha256(SENT.subarray(0, bytes)), 'what came is what was sent, perhaps cut short');
}
