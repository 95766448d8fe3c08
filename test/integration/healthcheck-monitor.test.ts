import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkLimit, HealthMonitor } from '../../src/control/healthcheck/monitor.ts';
import { healthcheckSchema } from '../../src/control/healthcheck/registry.ts';
import { addressText } from '../../src/core/address.ts';
import { systemClock } from '../../src/core/clock.ts';
import { Dialer } from '../../src/io/dialer.ts';
import { startBackend } from '../helpers/sockets/backends.ts';

test('a monitor sees real backends go and come back, each by itself, and a stop leaves them alone', async (t) => {
  const told: string[] = [];
  let heard: () => void = () => {};
  const monitor = new HealthMonitor(healthcheckSchema.parse({ kind: 'ping', interval: '20ms', fails: 2 }), {
    clock: systemClock,
    random: Math.random,
    dialer: new Dialer(systemClock),
    limit: checkLimit(),
    events: {
      changed: (key, { isLive, reason }) => {
        told.push(`${key} ${isLive ? 'up' : 'down'}: ${reason}`);
        heard();
      },
      checked: () => heard(),
    },
  });
  t.after(() => monitor.stop());
  // The timers of the clock do not keep the test alive.
  const hold = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(hold));
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (heard = resolve));
  }

  const steady = await startBackend(t, ({ socket }) => void socket.end());
  let other = await startBackend(t, ({ socket }) => void socket.end());
  const key = addressText(other.address);
  const steadyKey = addressText(steady.address);
  monitor.watch(
    [steady, other].map(({ address, port }) => ({
      key: addressText(address),
      target: { host: '127.0.0.1', port },
      addresses: () => [address],
    })),
  );
  await until(() => monitor.health(key)?.state === 'up' && monitor.health(steadyKey)?.state === 'up');
  for (let round = 0; round < 3; round++) {
    await other.close();
    await until(() => monitor.health(key)?.isLive === false);
    other = await startBackend(t, ({ socket }) => void socket.end(), { at: other.address });
    await until(() => monitor.health(key)?.isLive === true);
  }
  const round = [`${key} down: connection refused`, `${key} up: passed`];
  assert.deepEqual(told, [...round, ...round, ...round]);
  const { state, reason, checkedAt = 0 } = monitor.health(steadyKey)!;
  assert.deepEqual([state, reason], ['up', 'passed']);
  assert.ok(checkedAt > 0 && checkedAt <= systemClock.date());

  monitor.stop();
  await Promise.all([...steady.peers, ...other.peers].map((peer) => peer.closed()));
  assert.equal(monitor.health(key), undefined);
});
