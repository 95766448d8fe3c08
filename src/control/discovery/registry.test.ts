import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { systemClock } from '../../core/clock.ts';
import { Dialer } from '../../io/dialer.ts';
import { LOCAL_NAMES } from '../../../test/helpers/fakes/local-names.ts';
import { backendsInFile, createDiscovery, discoveries, discoverySchema, withOverrides } from './registry.ts';

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
  const backends = await createDiscovery(config, {
    lookups: LOCAL_NAMES,
    dialer: new Dialer(systemClock),
    skipped: () => undefined,
  }).discover(new AbortController().signal);
  assert.deepEqual(backends, [
    { target: { host: 'a', port: 1 }, weight: 9, priority: 1, maxConnections: 0 },
    { target: { host: 'b', port: 2 }, weight: 2, priority: 1, maxConnections: 0 },
  ]);
});

test('the settings of every kind have defaults', () => {
  const config = discoverySchema.parse({ kind: 'static', static_list: [] });
  assert.deepEqual(config, { kind: 'static', intervalMs: 0, timeoutMs: 0, failpolicy: 'keeplast', backends: [] });
});

test('a list that stands in the file is written with what lies over it, and read as it was meant', () => {
  const table = {
    kind: 'static',
    static_list: ['a:1', 'b:1 weight=2', 'c:1'],
    overrides: { removed: ['c:1'], changed: { 'b:1': { weight: 7 } } },
  };
  const overrides = {
    added: new Map([['d:1', { target: { host: 'd', port: 1 }, weight: 1, priority: 2, maxConnections: 0 }]]),
    removed: new Set<string>(),
    changed: new Map([['a:1', { state: 'draining' as const }]]),
  };
  const written = withOverrides(table, discoverySchema.parse(table), overrides);
  assert.deepEqual(written, {
    kind: 'static',
    static_list: [
      'a:1 weight=1 priority=1 max_connections=0 state=draining',
      'b:1 weight=7 priority=1 max_connections=0',
      'd:1 weight=1 priority=2 max_connections=0',
    ],
  });
});

test('a table whose list cannot be read names no backends', () => {
  assert.equal(backendsInFile({ kind: 'static', static_list: ['a:1', 'b'] }), undefined);
  assert.equal(backendsInFile({ kind: 'static' }), undefined);
  assert.equal(backendsInFile('static'), undefined);
  assert.equal(backendsInFile({ kind: 'static', static_list: ['a:1'] })?.length, 1);
});
