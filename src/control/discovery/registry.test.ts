import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Lookups } from '../../io/lookups.ts';
import { createDiscovery, discoveries, discoverySchema } from './registry.ts';

test('every file that defines a kind is in the registry under its own name', () => {
  const folder = fileURLToPath(new URL('./', import.meta.url));
  const files = readdirSync(folder).filter((file) => /(?<!\.test)\.[jt]s$/.test(file));
  const defining = files.filter((file) => readFileSync(folder + file, 'utf8').includes('= defineDiscovery('));
  assert.deepEqual(
    Object.keys(discoveries),
    defining.map((file) => file.replace(/\.[jt]s$/, '')),
  );
  for (const [name, { kind }] of Object.entries(discoveries)) assert.equal(kind, name);
});

test('static discovery gives the backends of its list, the last of two with the same address', async () => {
  const config = discoverySchema.parse({ kind: 'static', static_list: ['a:1', 'b:2 weight=2', 'a:1 weight=9'] });
  const backends = await createDiscovery(config, { lookups: new Lookups() }).discover(new AbortController().signal);
  assert.deepEqual(backends, [
    { target: { host: 'a', port: 1 }, weight: 9, priority: 1, maxConnections: 0 },
    { target: { host: 'b', port: 2 }, weight: 2, priority: 1, maxConnections: 0 },
  ]);
});

test('the settings of every kind have defaults', () => {
  const config = discoverySchema.parse({ kind: 'static', static_list: [] });
  assert.deepEqual(config, { kind: 'static', intervalMs: 0, timeoutMs: 0, failpolicy: 'keeplast', backends: [] });
});
