import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { type BackendOverrides, combined, NO_OVERRIDES, overridden } from './backend-overrides.ts';
import type { BackendSpec } from './backend.ts';

const key = fc.constantFrom('a:1', 'b:1', 'c:1', 'd:1');

function specOf(key: string, weight: number): BackendSpec {
  return { target: { host: key[0] ?? '', port: 1 }, weight, priority: 1, maxConnections: 0 };
}

const override = fc.record({ weight: fc.nat(9), maxConnections: fc.nat(9) }, { requiredKeys: [] });
const overrides: fc.Arbitrary<BackendOverrides> = fc
  .record({
    added: fc.array(fc.tuple(key, fc.nat(9)), { maxLength: 3 }),
    removed: fc.array(key, { maxLength: 3 }),
    changed: fc.array(fc.tuple(key, override), { maxLength: 3 }),
  })
  .map(({ added, removed, changed }) => ({
    added: new Map(added.map(([key, weight]) => [key, specOf(key, weight)])),
    removed: new Set(removed),
    changed: new Map(changed),
  }));
const found = fc.uniqueArray(key).map((keys) => keys.map((each, index) => specOf(each, index)));

function byHost(specs: readonly BackendSpec[]): readonly BackendSpec[] {
  const hostOf = ({ target }: BackendSpec) => ('host' in target ? target.host : '');
  return [...specs].sort((one, other) => hostOf(one).localeCompare(hostOf(other)));
}

test('combined overrides do what they do one after the other', () => {
  fc.assert(
    fc.property(overrides, overrides, found, (first, then, list) => {
      assert.deepEqual(
        byHost(overridden(combined(first, then), list)),
        byHost(overridden(then, overridden(first, list))),
      );
    }),
  );
});

test('without overrides the list is the one that was found', () => {
  const list = [specOf('a:1', 1)];
  assert.equal(overridden(NO_OVERRIDES, list), list);
});
