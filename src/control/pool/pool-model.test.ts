import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { PoolOracle } from '../../../test/helpers/models/pool-oracle.ts';
import { pooling, SETTINGS, specOf } from '../../../test/helpers/rigs/pool.ts';
import type { BackendOverride } from '../../core/backend-overrides.ts';
import { BACKEND_STATES, type BackendSpec } from '../../core/backend.ts';
import type { PoolSettings } from './settings.ts';

const HOSTS = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6'];

type Step =
  | { readonly do: 'update'; readonly hosts: readonly string[]; readonly weight: number }
  /** Connections open or end at those that may be elected, or that still hold some. */
  | { readonly do: 'open' | 'end'; readonly pick: number }
  /** The data plane catches up with some of the snapshots that it has not applied. */
  | { readonly do: 'apply'; readonly share: number }
  | { readonly do: 'wait' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('update' as const), hosts: fc.subarray(HOSTS), weight: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constantFrom('open' as const, 'end' as const), pick: fc.nat() }),
  fc.record({ do: fc.constant('apply' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.constant({ do: 'wait' as const }),
);

/** What the world knows of one backend. */
interface Known {
  readonly slot: number;
  active: number;
  total: number;
  /** The version of the first snapshot without it; undefined while it is listed. */
  leftAt: number | undefined;
}

test('whatever lists, connections and threads do, a backend keeps its row until no thread can use it', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const { pool, clock, thread, ledger, published } = pooling();
      const known = new Map<string, Known>();
      let applied = 0;

      /** Forgets those that the pool has to have forgotten. */
      function forget(): void {
        for (const [host, { leftAt, active }] of known) {
          if (leftAt !== undefined && leftAt <= applied && active === 0) known.delete(host);
        }
      }

      /** Slots that the data plane may use: of snapshots not yet overtaken, and of connections. */
      function check(): void {
        thread.refresh();
        assert.deepEqual(new Set(pool.slots()), new Set([...known.values()].map(({ slot }) => slot)));
        assert.equal(new Set(pool.slots()).size, known.size, 'no row for two');
        const inUse = published.filter(({ version }) => version >= applied).flatMap(({ backends }) => backends);
        for (const { key, slot } of inUse) {
          assert.equal(known.get(key.slice(0, -':80'.length))?.slot, slot, `${key} can be elected and lost its row`);
        }
        for (const { slot, active, total } of known.values()) {
          const totals = ledger.backendTotals(slot);
          assert.deepEqual([totals.active, totals.total], [active, total]);
        }
      }

      for (const one of steps) {
        switch (one.do) {
          case 'update': {
            pool.update(one.hosts.map((host) => specOf(host, { weight: one.weight })));
            const { version, backends } = pool.snapshot;
            assert.equal(version, published.length);
            assert.deepEqual(
              backends.map(({ key, weight }) => [key, weight]),
              one.hosts.toSorted().map((host) => [`${host}:80`, one.weight]),
            );
            for (const { key, slot } of backends) {
              const host = key.slice(0, -':80'.length);
              const before = known.get(host);
              if (before === undefined) known.set(host, { slot, active: 0, total: 0, leftAt: undefined });
              else before.leftAt = undefined;
              assert.equal(known.get(host)?.slot, slot);
            }
            for (const [host, backend] of known) {
              if (!one.hosts.includes(host)) backend.leftAt ??= version;
            }
            forget();
            break;
          }
          case 'open': {
            const electable = published.find(({ version }) => version === Math.max(applied, 1))?.backends ?? [];
            const chosen = electable[one.pick % Math.max(1, electable.length)];
            if (chosen === undefined) break;
            thread.refresh();
            thread.enterBackend(chosen.slot, 0);
            thread.countBackend(chosen.slot, 'total', 1);
            const backend = known.get(chosen.key.slice(0, -':80'.length))!;
            backend.active += 1;
            backend.total += 1;
            break;
          }
          case 'end': {
            const busy = [...known.values()].filter(({ active }) => active > 0);
            const backend = busy[one.pick % Math.max(1, busy.length)];
            if (backend === undefined) break;
            thread.leaveBackend(backend.slot);
            backend.active -= 1;
            break;
          }
          case 'apply':
            applied += Math.ceil((pool.snapshot.version - applied) * one.share);
            pool.applied(applied);
            forget();
            break;
          case 'wait':
            clock.advance(1_000);
            forget();
        }
        check();
      }
      pool.stop();
      assert.equal(clock.timers, 0);
    }),
  );
});

const HOST = fc.constantFrom(...HOSTS.slice(0, 4));

const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });

const spec: fc.Arbitrary<BackendSpec> = fc
  .record({
    host: HOST,
    weight: fc.integer({ min: 0, max: 5 }),
    maxConnections: fc.integer({ min: 0, max: 30 }),
    maxFails: optional(fc.integer({ min: 0, max: 2 })),
    failTimeoutMs: optional(fc.constant(700)),
    state: fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, fc.constantFrom(...BACKEND_STATES)),
  })
  .map(({ host, maxFails, failTimeoutMs, state, ...numbers }) =>
    specOf(host, {
      ...numbers,
      ...(maxFails !== undefined && { maxFails }),
      ...(failTimeoutMs !== undefined && { failTimeoutMs }),
      ...(state !== undefined && { state }),
    }),
  );

const list = fc.uniqueArray(spec, { selector: hostIn, minLength: 1 });

function hostIn({ target }: BackendSpec): string {
  return 'host' in target ? target.host : '';
}

const settings: fc.Arbitrary<PoolSettings> = fc.record({
  maxFails: fc.integer({ min: 0, max: 3 }),
  failTimeoutMs: fc.constantFrom(1_000, 2_000),
  queuesWhenDown: fc.boolean(),
  panicThreshold: fc.constantFrom(0, 0, 30, 50, 100),
  closesOnDown: fc.boolean(),
  slowStartMs: fc.constantFrom(0, 3_000, 600),
});

type Change =
  | { readonly do: 'update'; readonly specs: readonly BackendSpec[] }
  | { readonly do: 'configure'; readonly settings: PoolSettings }
  | { readonly do: 'check' | 'takeProbe'; readonly host: string; readonly isWell: boolean }
  | { readonly do: 'override'; readonly host: string; readonly values: BackendOverride }
  | { readonly do: 'add'; readonly spec: BackendSpec }
  | { readonly do: 'remove'; readonly host: string }
  | { readonly do: 'fail'; readonly host: string }
  | { readonly do: 'apply' }
  | { readonly do: 'wait'; readonly ms: number };

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('update' as const), specs: list }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('configure' as const), settings }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('check' as const), host: HOST, isWell: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('takeProbe' as const), host: HOST, isWell: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('override' as const),
      host: HOST,
      values: fc.record(
        {
          state: fc.constantFrom(...BACKEND_STATES),
          weight: fc.integer({ min: 0, max: 5 }),
          maxConnections: fc.integer({ min: 0, max: 30 }),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('add' as const), spec }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), host: HOST }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('fail' as const), host: HOST }) },
  { weight: 1, arbitrary: fc.constant({ do: 'apply' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 40, 150, 699, 700, 1_000, 3_000) }),
  },
);

test('lists, checks, overrides, clients and time, in any order, give each backend the clients that the model gives it', () => {
  fc.assert(
    fc.property(settings, fc.array(change, { minLength: 1, maxLength: 60 }), (initial, changes) => {
      const parts = pooling({ settings: initial });
      const { pool, clock, checks, thread, configure, publishedAt } = parts;
      const oracle = new PoolOracle({ ...SETTINGS, ...initial });
      const hostOf = (key: string) => key.slice(0, -':80'.length);
      const isCandidate = (host: string) => pool.snapshot.backends.some(({ key }) => key === `${host}:80`);
      const slots = new Map<number, string>();

      for (const one of changes) {
        switch (one.do) {
          case 'update':
            pool.update(one.specs);
            oracle.update(new Map(one.specs.map((each) => [hostIn(each), each])));
            break;
          case 'configure':
            configure(one.settings);
            oracle.configure(one.settings);
            break;
          case 'check':
            checks.find(`${one.host}:80`, one.isWell);
            oracle.check(one.host, one.isWell);
            break;
          case 'override':
            parts.override(one.host, one.values);
            oracle.override(one.host, one.values);
            break;
          case 'add':
            parts.add(one.spec);
            oracle.add(hostIn(one.spec), one.spec);
            break;
          case 'remove':
            parts.remove(one.host);
            oracle.remove(one.host);
            break;
          case 'fail':
            if (!isCandidate(one.host)) break;
            parts.fail(one.host);
            oracle.fail(one.host);
            break;
          case 'takeProbe':
            if (!isCandidate(one.host)) break;
            parts.takeProbe(one.host, one.isWell);
            oracle.takeProbe(one.host, one.isWell);
            break;
          case 'apply':
            pool.applied(pool.snapshot.version);
            oracle.forget();
            break;
          case 'wait':
            clock.advance(one.ms);
            oracle.advance(one.ms);
        }
        thread.refresh();
        const { backends } = pool.snapshot;
        for (const { key, slot } of backends) slots.set(slot, hostOf(key));
        const found = backends.map(({ key, slot, weight, maxConnections, maxFails }) => [
          hostOf(key),
          { weight, maxConnections, maxFails, isInUse: thread.isInService(slot) },
        ]);
        assert.deepEqual(Object.fromEntries(found), Object.fromEntries(oracle.expected(publishedAt())), one.do);
        assert.deepEqual(
          new Map(pool.status().map(({ key, obstacle }) => [hostOf(key), obstacle])),
          new Map([...oracle.obstacles()].sort()),
        );
        const closed = oracle.closed.splice(0);
        // One that never got clients has a row that nobody has seen.
        const cut = parts.closed.splice(0).map((slot, index) => slots.get(slot) ?? closed[index]);
        assert.deepEqual(cut, closed);
        if (oracle.isStarting())
          assert.ok(clock.now() - publishedAt() <= Math.max(50, oracle.settings.slowStartMs / 20));
      }
      pool.stop();
      assert.equal(clock.timers, 0);
    }),
    { numRuns: 300 },
  );
});
