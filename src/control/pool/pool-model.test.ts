import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { pooling, specOf } from '../../../test/helpers/pooling.ts';

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

test('whatever lists, connections and threads do, a backend keeps its row until nobody can use it', () => {
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
            thread.tallyBackend(chosen.slot, 'total', 1);
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
