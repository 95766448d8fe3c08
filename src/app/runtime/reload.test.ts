import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { LIMITS } from '../../../test/helpers/rigs/frontend.ts';
import { SETTINGS } from '../../../test/helpers/rigs/pool.ts';
import { ALLOW_ALL } from '../../access/rules.ts';
import { NO_HEALTHCHECK } from '../../control/healthcheck/registry.ts';
import type { PoolSettings } from '../../control/pool/settings.ts';
import type { Limits } from '../../core/limits.ts';
import type { ServerConfig } from '../config/config.ts';
import { planReload, type ReloadPlan } from './reload.ts';

const STATIC = { kind: 'static', intervalMs: 0, timeoutMs: 0, failpolicy: 'keeplast', backends: [] } as const;

const SERVER: ServerConfig = {
  name: 'web',
  protocol: 'tcp',
  binds: [{ host: '*', port: 80 }],
  engine: 'auto',
  balance: 'weight',
  access: ALLOW_ALL,
  healthcheck: NO_HEALTHCHECK,
  discovery: STATIC,
  limits: LIMITS,
  pool: SETTINGS,
};

const BACKEND = { target: { host: 'a', port: 80 }, weight: 1, priority: 1, maxConnections: 0 };

const server: fc.Arbitrary<ServerConfig> = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__'),
    port: fc.constantFrom(80, 81),
    retries: fc.constantFrom(0, 3),
    weights: fc.array(fc.constantFrom(1, 2), { maxLength: 2 }),
  })
  .map(({ name, port, retries, weights }) => ({
    ...SERVER,
    name,
    protocol: 'tcp',
    binds: [{ host: '*', port }],
    limits: { ...SERVER.limits, retries },
    discovery: { ...STATIC, backends: weights.map((weight) => ({ ...BACKEND, weight })) },
  }));
const servers = fc.uniqueArray(server, { selector: ({ name }) => name });

/** What is in force once the plan is carried out. */
function applied(before: readonly ServerConfig[], after: readonly ServerConfig[], plan: ReloadPlan): ServerConfig[] {
  const { added, changed, removed, unchanged } = plan;
  const kept = before.filter(({ name }) => !removed.includes(name) && unchanged.includes(name));
  return [...kept, ...after.filter(({ name }) => added.includes(name) || changed.includes(name))];
}

test('every name stands in exactly one part, and carrying out the plan gives the new list', () => {
  fc.assert(
    fc.property(servers, servers, (before, after) => {
      const plan = planReload(before, after);
      const all = [...plan.added, ...plan.changed, ...plan.removed, ...plan.unchanged];
      const names = new Set([...before, ...after].map(({ name }) => name));
      assert.deepEqual(all.toSorted(), [...names].sort());
      const byName = (one: ServerConfig, other: ServerConfig) => (one.name < other.name ? -1 : 1);
      assert.deepEqual(applied(before, after, plan).sort(byName), [...after].sort(byName));
      const texts = (list: readonly ServerConfig[]) =>
        list
          .toSorted(byName)
          .map((one) => JSON.stringify(one))
          .join();
      assert.equal(isIdle(plan), texts(before) === texts(after));
    }),
  );
});

test('a plan back is the plan forth, with added and removed exchanged', () => {
  fc.assert(
    fc.property(servers, servers, (before, after) => {
      const forth = planReload(before, after);
      const back = planReload(after, before);
      assert.deepEqual([forth.added, forth.removed], [back.removed, back.added]);
      assert.deepEqual([...forth.changed].sort(), [...back.changed].sort());
    }),
  );
});

test('an equal server is unchanged although it is another object, and any difference changes it', () => {
  const same = planReload([SERVER], [structuredClone(SERVER)]);
  assert.deepEqual(same, { added: [], changed: [], removed: [], unchanged: ['web'] });
  const limits: readonly Partial<Limits>[] = [
    { maxConnections: 1 },
    { clientIdleMs: 1 },
    { backendIdleMs: 1 },
    { clientFinMs: 1 },
    { backendFinMs: 1 },
    { unacknowledgedMs: 1 },
    { keepAlive: { ...LIMITS.keepAlive, idleMs: 0 } },
    { connectTimeoutMs: 1 },
    { retries: 0 },
    { queue: { ...LIMITS.queue, whenDown: true } },
    { perClient: { ...LIMITS.perClient, rate: { count: 1, withinMs: 1_000 } } },
    { stickyMs: 1 },
  ];
  const settings: readonly Partial<PoolSettings>[] = [
    { maxFails: 3 },
    { panicThreshold: 50 },
    { closesOnDown: true },
    { slowStartMs: 1 },
  ];
  const different: readonly Partial<ServerConfig>[] = [
    { binds: [...SERVER.binds, { path: '/run/x.sock' }] },
    { balance: 'iphash' },
    { engine: 'net' },
    { access: { defaultAllow: false, rules: [] } },
    { access: { defaultAllow: true, rules: [{ allow: true, base: new Uint8Array(16), bits: 0 }] } },
    { discovery: { ...STATIC, backends: [BACKEND] } },
    ...limits.map((limit) => ({ limits: { ...SERVER.limits, ...limit } })),
    ...settings.map((setting) => ({ pool: { ...SERVER.pool, ...setting } })),
  ];
  for (const change of different) {
    assert.deepEqual(planReload([SERVER], [{ ...SERVER, ...change }]).changed, ['web'], JSON.stringify(change));
  }
});

test('access rules are compared by their bytes', () => {
  const rule = (byte: number) => ({ allow: true, base: new Uint8Array(16).fill(byte), bits: 128 });
  const withRule = (byte: number) => ({ ...SERVER, access: { defaultAllow: true, rules: [rule(byte)] } });
  assert.ok(isIdle(planReload([withRule(1)], [withRule(1)])));
  assert.ok(!isIdle(planReload([withRule(1)], [withRule(2)])));
});

function isIdle({ added, changed, removed }: ReloadPlan): boolean {
  return added.length + changed.length + removed.length === 0;
}
