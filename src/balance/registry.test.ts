import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { balancerContract } from '../../test/contract/balancer.ts';
import { balancers } from './registry.ts';

/** Files of this folder that hold no kind. */
const SHARED = ['fallback', 'hash', 'kind', 'kinds', 'maglev', 'registry', 'selection', 'weighted-sequence'];

for (const balancer of Object.values(balancers)) balancerContract(balancer);

test('the registry has every kind of this folder, by its name and in order', () => {
  const names = readdirSync(import.meta.dirname)
    .map((file) => /^([^.]+)\.[jt]s$/.exec(file)?.[1])
    .filter((name) => name !== undefined && !SHARED.includes(name))
    .sort();
  assert.deepEqual(Object.keys(balancers), names);
  for (const [name, { kind }] of Object.entries(balancers)) assert.equal(kind, name);
});

test('each kind says in one sentence what it does', () => {
  for (const { summary } of Object.values(balancers)) assert.match(summary, /^[A-Z][^.]*\.$/);
});
