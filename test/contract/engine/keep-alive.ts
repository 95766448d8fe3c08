import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { whyNoEngine } from '../../../src/data/engines/registry.ts';
import { probingOf, type Probing } from '../../helpers/sockets/keep-alive.ts';
import { eventually } from '../../helpers/sockets/turns.ts';
import type { Check, EngineUnderTest } from '../engine.ts';
import { connectPair, type Pair } from './pair.ts';

const KEEP_ALIVE = { idleMs: 7_000, intervalMs: 2_001, count: 4 };

/** A vanished peer is found after 19 seconds either way. */
const PROBES = [7, 3, 4];
const LATE_PROBES = [9, 1, 10];
const NODE_TAKES_ALL = Socket.prototype.setKeepAlive.length >= 4;

/** The kernel probes the peers of both sockets by the keys. */
export function keepAlive(check: Check, { kind }: EngineUnderTest): void {
  const probes = kind === 'net' && !NODE_TAKES_ALL ? LATE_PROBES : PROBES;
  // The options of a socket are read by way of libc.
  const skip = whyNoEngine('epoll') ?? false;

  check(
    'both sockets are probed by the keys, whose parts of a second count as one',
    async (t, start) => {
      const pair = await connectPair(t, start, { limits: { keepAlive: KEEP_ALIVE } });
      for (const probing of probings(pair)) await eventually(() => probing() !== undefined);
      assert.deepEqual(
        probings(pair).map((probing) => probing()),
        [probes, probes],
      );
    },
    { skip },
  );

  check(
    'without keepalive_idle no socket is probed; a reload is for connections that come after it',
    async (t, start) => {
      const pair = await connectPair(t, start, { limits: { keepAlive: { ...KEEP_ALIVE, idleMs: 0 } } });
      await pair.client.send('x');
      await pair.backend.received(1);
      await pair.plane.reconfigure({ limits: { keepAlive: KEEP_ALIVE } });
      const client = await pair.plane.client().connected();
      await pair.plane.untilActive(2);
      const later = probingOf.bind(undefined, portOf(pair), client.socket.localPort ?? 0);
      await eventually(() => later() !== undefined);
      assert.deepEqual(later(), probes);
      assert.deepEqual(
        probings(pair).map((probing) => probing()),
        [undefined, undefined],
      );
    },
    { skip },
  );
}

/** Of the balancer's two sockets. */
function probings(pair: Pair): readonly (() => Probing)[] {
  const { localPort: backendPort = 0, remotePort = 0 } = pair.backend.socket;
  return [() => probingOf(portOf(pair), pair.client.socket.localPort ?? 0), () => probingOf(remotePort, backendPort)];
}

function portOf({ plane: { address } }: Pair): number {
  return 'port' in address ? address.port : 0;
}
