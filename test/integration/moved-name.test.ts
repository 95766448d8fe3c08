import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HealthMonitor } from '../../src/control/healthcheck/monitor.ts';
import { healthcheckSchema } from '../../src/control/healthcheck/registry.ts';
import { Pool } from '../../src/control/pool/pool.ts';
import type { Snapshot } from '../../src/core/snapshot.ts';
import { Dialer } from '../../src/io/dialer.ts';
import { Resolver } from '../../src/io/names/resolver.ts';
import { ServerLedger } from '../../src/ledger/server-ledger.ts';
import { FakeCheck } from '../helpers/fakes/fake-check.ts';
import { FakeClock, turn } from '../helpers/fakes/fake-clock.ts';
import { FakeLookup } from '../helpers/fakes/fake-lookup.ts';
import { SETTINGS, specOf } from '../helpers/rigs/pool.ts';

const CHECKED = healthcheckSchema.parse({ kind: 'ping', interval: '10s', timeout: '5s' });

/** A pool and its checks, whose name server and backends the test plays. */
function running() {
  const clock = new FakeClock();
  const lookup = new FakeLookup();
  const check = new FakeCheck(clock);
  const told: string[] = [];
  let snapshot: Snapshot | undefined;
  const monitor = new HealthMonitor(
    CHECKED,
    {
      clock,
      random: () => 0.5,
      dialer: new Dialer(clock),
      limit: (run) => run(),
      events: { changed: (key, health) => pool.checked(key, health) },
    },
    () => check.healthcheck,
  );
  const pool: Pool = new Pool(SETTINGS, {
    ledger: new ServerLedger(),
    names: new Resolver(clock, lookup.find),
    clock,
    checks: monitor,
    publish: (next) => (snapshot = next),
    close: () => undefined,
    tell: ({ type }) => told.push(type),
  });
  /** Where clients are sent. */
  const clients = () => snapshot?.backends.flatMap(({ addresses }) => addresses.map((each) => 'ip' in each && each.ip));
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await turn();
  };
  return { lookup, check, told, pool, clients, pass };
}

test('a check asks where clients go: a backend whose name has moved is not down for its old address', async () => {
  const { lookup, check, told, pool, clients, pass } = running();
  pool.update([specOf('web.test')]);
  lookup.answer('web.test', ['192.0.2.1'], { ttlMs: 3_000 });
  await turn();
  while (check.open.length === 0 || lookup.open.length === 0) await pass(500);
  lookup.answer('web.test', ['192.0.2.2']);
  await turn();
  check.answer = 'pass';
  await pass(0);
  assert.deepEqual(clients(), ['192.0.2.2']);
  assert.deepEqual(
    check.begun.map(({ ip }) => ip),
    ['192.0.2.1', '192.0.2.2'],
  );
  await pass(5_000);
  assert.deepEqual(told, [], 'it was never down');
});
