import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { BACKEND_STATES, type BackendSpec } from '../../core/backend.ts';
import { parseBackendLine } from './backend-line.ts';
import { backendLine, backendTable, readBackendTable, readOverride } from './backend-table.ts';

const PLAIN = { weight: 1, priority: 1, maxConnections: 0 };

/** Keys that are at fault. */
function keysOf(table: unknown): readonly string[] {
  return readBackendTable(table).problems.map(({ path }) => path.join('.'));
}

describe('a table', () => {
  const GOOD: readonly (readonly [table: object, spec: BackendSpec])[] = [
    [
      { host: 'localhost', port: 80 },
      { ...PLAIN, target: { host: 'localhost', port: 80 } },
    ],
    [
      { host: '10.0.0.1', port: '8080', weight: 3 },
      { ...PLAIN, target: { host: '10.0.0.1', port: 8080 }, weight: 3 },
    ],
    [
      { host: '::1', port: 80 },
      { ...PLAIN, target: { host: '::1', port: 80 } },
    ],
    [
      { host: '[::1]', port: 80 },
      { ...PLAIN, target: { host: '::1', port: 80 } },
    ],
    [{ host: '/run/app.sock' }, { ...PLAIN, target: { path: '/run/app.sock' } }],
    [
      { host: '/run/app.sock', port: '', weight: null },
      { ...PLAIN, target: { path: '/run/app.sock' } },
    ],
    [
      { host: 'a', port: 1, priority: 2, max_connections: 5, max_fails: 0, fail_timeout: '1m', state: 'draining' },
      {
        target: { host: 'a', port: 1 },
        weight: 1,
        priority: 2,
        maxConnections: 5,
        maxFails: 0,
        failTimeoutMs: 60_000,
        state: 'draining',
      },
    ],
  ];
  for (const [table, spec] of GOOD) {
    test(JSON.stringify(table), () => {
      const { value, problems } = readBackendTable(table);
      assert.deepEqual([value, problems], [spec, []]);
    });
  }

  const BAD: readonly (readonly [table: unknown, keys: readonly string[]])[] = [
    [{}, ['host']],
    ['text', ['']],
    [[], ['']],
    [{ host: 'a' }, ['port']],
    [{ host: 'a', port: '' }, ['port']],
    [{ host: 'a', port: 0 }, ['port']],
    [{ host: 'a', port: 65_536 }, ['port']],
    [{ host: 'a', port: '80 weight=5' }, ['port']],
    [{ host: 'a', port: 1.5 }, ['port']],
    [{ host: '*', port: 80 }, ['host']],
    [{ host: 'a b', port: 80 }, ['host']],
    [{ host: 'a:80', port: 80 }, ['host']],
    [{ host: 'http://a', port: 80 }, ['host']],
    [{ host: '[a]', port: 0 }, ['host', 'port']],
    [{ host: '/run/app.sock', port: 80 }, ['port']],
    [{ host: '/run/a b', port: '' }, ['host']],
    [{ host: 'a', port: 80, weight: '5' }, ['weight']],
    [{ host: 'a', port: 80, weight: 1_000_001, priority: -1 }, ['weight', 'priority']],
    [{ host: 'a', port: 80, state: 'down', fail_timeout: '0' }, ['fail_timeout', 'state']],
    [{ host: 'a', port: 80, wieght: 5 }, ['wieght']],
  ];
  for (const [table, keys] of BAD) {
    test(`${JSON.stringify(table)} is refused`, () => assert.deepEqual(keysOf(table), keys));
  }
});

const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });

const spec = fc
  .record({
    target: fc.constantFrom(
      { host: '10.0.0.1', port: 80 },
      { host: '::1', port: 65_535 },
      { host: 'a.example', port: 1 },
      { path: '/run/a.sock' },
    ),
    weight: fc.nat(1_000_000),
    priority: fc.nat(1_000_000),
    maxConnections: fc.nat(10_000_000),
    maxFails: optional(fc.nat(1_000)),
    failTimeoutMs: optional(fc.integer({ min: 1, max: 10_000_000 })),
    state: optional(fc.constantFrom(...BACKEND_STATES)),
  })
  .map((values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)));

test('the table of a backend is read as that backend, and so is its line', () => {
  fc.assert(
    fc.property(spec, (values) => {
      const backend = values as unknown as BackendSpec;
      assert.deepEqual(readBackendTable(backendTable(backend)).value, backend);
      assert.deepEqual(parseBackendLine(backendLine(backend)), { value: backend });
    }),
  );
});

test('what a line takes for a host and a port a table takes too, and nothing else', () => {
  const host = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.domain(), fc.constantFrom('', '*', 'a b', '[::1]'));
  fc.assert(
    fc.property(host, fc.integer({ min: -1, max: 70_000 }), (text, port) => {
      const isBare = text.includes(':') && !text.startsWith('[');
      const line = parseBackendLine(`${isBare ? `[${text}]` : text}:${port}`);
      const isLine = 'value' in line && !/\s/.test(text) && !text.startsWith('/');
      assert.equal(readBackendTable({ host: text, port }).value !== undefined, isLine);
    }),
  );
});

test('anything gives a backend or says what is wrong, and never throws', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const { value: read, problems } = readBackendTable(value);
      assert.ok(read !== undefined || problems.length > 0);
    }),
  );
});

test('what may be changed has the same bounds, and null is absent', () => {
  assert.deepEqual(readOverride({ state: null, weight: 0, max_connections: 5 }).value, {
    weight: 0,
    maxConnections: 5,
  });
  assert.deepEqual(readOverride({}).value, {});
  const faults = readOverride({ state: 'up', weight: -1, max_connections: '5' }).problems;
  assert.deepEqual(
    faults.map(({ path }) => path.join('.')),
    ['state', 'weight', 'max_connections'],
  );
});
