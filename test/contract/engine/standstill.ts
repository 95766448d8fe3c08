import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { addressText } from '../../../src/core/address.ts';
import { goOn, standStill } from '../../helpers/processes/standstill.ts';
import { echo, startBackend } from '../../helpers/sockets/backends.ts';
import { connectTo } from '../../helpers/sockets/peer.ts';
import { silentListener } from '../../helpers/sockets/silent-listener.ts';
import { listed } from '../../helpers/sockets/traffic.ts';
import type { Check, EngineUnderTest } from '../engine.ts';
import { logged, startOne } from './stoppable.ts';

/** Shorter than the process is stopped for. */
const IDLE = '1s';
const LATE = '1200ms';
const STOPPED_MS = 2_000;
const CLIENTS = 20;

/** What happened at the sockets while the process was stopped. */
export function standstill(check: Check, { kind }: EngineUnderTest): void {
  check('clients that have reset before they are accepted are counted and logged', async (t) => {
    const backend = await startBackend(t, echo);
    const { daemon, access } = await startOne(t, kind, [listed(backend)]);
    await standStill(daemon.pid);
    for (let n = 0; n < 10; n++) {
      const client = await connectTo(t, daemon.addresses[0]!).connected();
      client.reset();
      await client.closed();
    }
    goOn(daemon.pid);
    await logged(daemon, access, 10);
    const { totals } = await daemon.state();
    assert.deepEqual([totals.accepted, totals.active, totals.causes.CC], [10, 0, 10]);
    assert.deepEqual(
      access.map(({ cause, backend: reached, rxBytes, txBytes }) => ({ cause, reached, rxBytes, txBytes })),
      Array.from({ length: 10 }, () => ({ cause: 'CC', reached: null, rxBytes: 0, txBytes: 0 })),
    );
  });

  check('what came meanwhile is read before idle timeouts are acted upon', async (t) => {
    const backend = await startBackend(t, echo);
    const keys = { client_idle_timeout: IDLE, backend_idle_timeout: IDLE };
    const { daemon, access } = await startOne(t, kind, [listed(backend)], keys);
    const clients = Array.from({ length: CLIENTS }, () => connectTo(t, daemon.addresses[0]!));
    for (const client of clients) await (await client.send('before')).received(6);
    await standStill(daemon.pid);
    await pause(STOPPED_MS);
    for (const client of clients) await client.send('meanwhile');
    goOn(daemon.pid);
    for (const client of clients) {
      await client.received(15);
      client.socket.end();
    }
    await logged(daemon, access, CLIENTS);
    assert.deepEqual([...new Set(access.map(({ cause }) => cause))], ['--']);
  });

  check('a backend that has answered meanwhile is not late', async (t) => {
    const silent = await silentListener(t);
    const keys = { backend_connection_timeout: LATE };
    const { daemon, access } = await startOne(t, kind, [addressText(silent.address)], keys);
    const client = await connectTo(t, daemon.addresses[0]!).connected();
    while ((await daemon.state()).backendsActive[0] !== 1);
    await standStill(daemon.pid);
    await Promise.all([silent.wake(), pause(STOPPED_MS)]);
    goOn(daemon.pid);
    await client.received(1);
    client.reset();
    await logged(daemon, access, 1);
    assert.equal(access[0]?.cause, 'CD');
  });
}
