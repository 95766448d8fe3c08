import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';

import { specOf } from '../../../test/helpers/rigs/pool.ts';
import { BACKEND_STATES, backendKey, type BackendSpec } from '../../core/backend.ts';
import type { JsonTable } from '../../core/json.ts';
import {
  overridesOf,
  overriddenServers,
  merged,
  NO_OVERLAY,
  orphanedServers,
  type Overlay,
  serversOf,
  pruned,
  withBackend,
  withoutBackend,
  withoutServer,
  withOverride,
  withServer,
} from './overlay.ts';
import { readState, stateText } from './state-form.ts';

const A: JsonTable = { bind: ':1' };
const B: JsonTable = { bind: ':2' };

function fileOf(servers: Readonly<Record<string, JsonTable>>): JsonTable {
  return { defaults: { retries: 1 }, servers };
}

describe('tables', () => {
  test('those of the file stay in their order, and what was added comes behind', () => {
    const file = fileOf({ one: A, two: A, three: A });
    const overlay = withServer(withoutServer(withServer(NO_OVERLAY, 'new', B), 'one'), 'two', B);
    const tables = merged(file, overlay);
    assert.deepEqual(
      [...serversOf(tables)],
      [
        ['two', B],
        ['three', A],
        ['new', B],
      ],
    );
    assert.deepEqual(tables['defaults'], { retries: 1 });
    assert.deepEqual(overriddenServers(overlay, file), ['one', 'two']);
  });

  test('servers that left the file keep running where they were put at runtime', () => {
    const overlay = withServer(withoutServer(withServer(NO_OVERLAY, 'new', B), 'one'), 'two', B);
    const file = fileOf({ one: A, two: A, three: A });
    assert.deepEqual(orphanedServers(overlay, file, fileOf({ three: A })), ['two']);
    assert.deepEqual(orphanedServers(overlay, fileOf({ three: A }), fileOf({})), []);
    assert.deepEqual(orphanedServers(overlay, file, file), []);
  });

  test('an override that the file comes to say is dropped', () => {
    const overlay = withServer(withoutServer(NO_OVERLAY, 'one'), 'two', B);
    assert.deepEqual(pruned(overlay, fileOf({ two: { ...B } })), NO_OVERLAY);
    assert.deepEqual(pruned(overlay, fileOf({ one: A, two: A })), overlay);
  });

  test('a server that is no more takes with it what was changed of its backends', () => {
    const spec = specOf('10.0.0.1');
    const changed = withBackend(NO_OVERLAY, 'one', spec);
    assert.deepEqual(pruned(changed, fileOf({ one: A })), changed);
    assert.deepEqual(pruned(changed, fileOf({})), NO_OVERLAY);
    const again = withServer(withoutServer(changed, 'one'), 'one', B);
    assert.deepEqual(overridesOf(again, 'one').added.size, 0);
  });

  test('names that every object has are names like others', () => {
    const overlay = withServer(NO_OVERLAY, '__proto__', A);
    assert.deepEqual([...serversOf(merged(fileOf({}), overlay))], [['__proto__', A]]);
  });
});

type Act =
  | { readonly do: 'put'; readonly name: string; readonly table: JsonTable }
  | { readonly do: 'remove'; readonly name: string }
  | { readonly do: 'change'; readonly name: string; readonly key: string; readonly change: object }
  | { readonly do: 'add'; readonly name: string; readonly spec: BackendSpec }
  | { readonly do: 'take'; readonly name: string; readonly key: string }
  | { readonly do: 'reload'; readonly file: Readonly<Record<string, JsonTable>> }
  | { readonly do: 'restart' };

const NAME = fc.constantFrom('one', 'two', '3', 'é', 'a b');
const TABLE = fc.constantFrom(A, B);
const HOST = fc.constantFrom('10.0.0.1', '10.0.0.2', '::1');
const KEY = HOST.map((host) => backendKey(specOf(host)));
/** What discovery finds, always. */
const FOUND: ReadonlyMap<string, BackendSpec> = new Map([['10.0.0.1:80', specOf('10.0.0.1', { weight: 3 })]]);

const number = fc.option(fc.nat(9), { nil: undefined });
const anySpec = fc.record({
  host: HOST,
  weight: fc.nat(9),
  maxFails: number,
  state: fc.constantFrom(...BACKEND_STATES),
});
const spec = fc.oneof(
  fc.constantFrom(...FOUND.values()),
  anySpec.map(({ host, maxFails, ...rest }) => specOf(host, { ...rest, ...(maxFails !== undefined && { maxFails }) })),
);
const change = fc.record(
  {
    state: fc.constantFrom(null, ...BACKEND_STATES),
    weight: fc.constantFrom(null, 0, 5),
    maxConnections: fc.constantFrom(null, 0, 7),
  },
  { requiredKeys: [] },
);

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ do: fc.constant('put' as const), name: NAME, table: TABLE }),
  fc.record({ do: fc.constant('remove' as const), name: NAME }),
  fc.record({ do: fc.constant('change' as const), name: NAME, key: KEY, change }),
  fc.record({
    do: fc.constant('add' as const),
    name: NAME,
    spec,
  }),
  fc.record({ do: fc.constant('take' as const), name: NAME, key: KEY }),
  fc.record({ do: fc.constant('reload' as const), file: fc.dictionary(NAME, TABLE, { noNullPrototype: true }) }),
  fc.constant({ do: 'restart' as const }),
);

interface RememberedBackend {
  added?: BackendSpec;
  isGone?: boolean;
  readonly override: Map<string, unknown>;
}

/** A server as somebody remembers it who has seen all that was done. */
interface Remembered {
  table: JsonTable;
  /** Undefined where it is as the file says, or said. */
  isOverride: boolean;
  readonly backends: Map<string, RememberedBackend>;
}

class Memory {
  readonly servers = new Map<string, Remembered>();
  /** Of the file, and not to be. */
  readonly removed = new Set<string>();
  file: ReadonlyMap<string, JsonTable> = new Map();

  put(name: string, table: JsonTable): void {
    const before = this.servers.get(name);
    this.removed.delete(name);
    this.servers.set(name, {
      backends: before?.backends ?? new Map<string, RememberedBackend>(),
      table,
      isOverride: table !== this.file.get(name),
    });
  }

  remove(name: string): void {
    this.servers.delete(name);
    if (this.file.has(name)) this.removed.add(name);
  }

  reload(file: ReadonlyMap<string, JsonTable>): void {
    this.file = file;
    for (const name of this.removed) if (!file.has(name)) this.removed.delete(name);
    for (const [name, server] of this.servers) {
      if (server.table === file.get(name)) server.isOverride = false;
      else if (!server.isOverride && !file.has(name)) this.servers.delete(name);
    }
    for (const [name, table] of file) {
      const server = this.servers.get(name);
      if (this.removed.has(name) || server?.isOverride === true) continue;
      if (server === undefined) this.servers.set(name, { table, isOverride: false, backends: new Map() });
      else server.table = table;
    }
  }

  backend(name: string, key: string): RememberedBackend {
    const backends = this.servers.get(name)?.backends;
    const backend = backends?.get(key) ?? { override: new Map() };
    backends?.set(key, backend);
    return backend;
  }
}

async function restarted(overlay: Overlay): Promise<Overlay> {
  const { overlay: read, diagnostics } = await readState(Buffer.from(stateText(overlay)), 'state.json');
  assert.deepEqual(diagnostics, []);
  return read as Overlay;
}

test('whatever changes at runtime, in the file and by a restart, the last change is in force', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
      let file = fileOf({});
      let overlay: Overlay = NO_OVERLAY;
      const memory = new Memory();
      for (const one of acts) {
        switch (one.do) {
          case 'put':
            overlay = pruned(withServer(overlay, one.name, one.table), file);
            memory.put(one.name, one.table);
            break;
          case 'remove':
            overlay = pruned(withoutServer(overlay, one.name), file);
            memory.remove(one.name);
            break;
          case 'change': {
            if (!memory.servers.has(one.name)) break;
            overlay = pruned(withOverride(overlay, one.name, one.key, one.change), file);
            const { override } = memory.backend(one.name, one.key);
            for (const [key, value] of Object.entries(one.change)) {
              if (value === null) override.delete(key);
              else override.set(key, value);
            }
            break;
          }
          case 'add': {
            if (!memory.servers.has(one.name)) break;
            const key = backendKey(one.spec);
            overlay = pruned(withBackend(overlay, one.name, one.spec, FOUND.get(key)), file);
            const { isGone = false } = memory.backend(one.name, key);
            const isAsFound = isGone && isDeepStrictEqual(one.spec, FOUND.get(key));
            const again = { ...(!isAsFound && { added: one.spec }), override: new Map<string, unknown>() };
            memory.servers.get(one.name)?.backends.set(key, again);
            break;
          }
          case 'take':
            if (!memory.servers.has(one.name)) break;
            overlay = pruned(withoutBackend(overlay, one.name, one.key, FOUND.has(one.key)), file);
            memory.servers.get(one.name)?.backends.set(one.key, { isGone: FOUND.has(one.key), override: new Map() });
            break;
          case 'reload':
            file = fileOf(one.file);
            overlay = pruned(overlay, file);
            memory.reload(new Map(Object.entries(one.file)));
            break;
          case 'restart':
            overlay = pruned(await restarted(overlay), file);
        }
        assert.deepEqual(
          new Map(serversOf(merged(file, overlay))),
          new Map([...memory.servers].map(([name, { table }]) => [name, table])),
        );
        for (const [name, { backends }] of memory.servers) {
          const overrides = overridesOf(overlay, name);
          const all = [...backends];
          assert.deepEqual(
            overrides.added,
            new Map(all.flatMap(([key, { added }]) => (added === undefined ? [] : [[key, added]]))),
          );
          assert.deepEqual(
            overrides.removed,
            new Set(all.flatMap(([key, { isGone }]) => (isGone === true ? [key] : []))),
          );
          assert.deepEqual(
            overrides.changed,
            new Map(
              all.flatMap(([key, { override }]) => (override.size === 0 ? [] : [[key, Object.fromEntries(override)]])),
            ),
          );
        }
        const others = [...overlay.keys()].filter((name) => !memory.servers.has(name) && !memory.removed.has(name));
        assert.deepEqual(others, [], 'nothing is kept of what is gone');
        assert.deepEqual(await restarted(overlay), overlay);
      }
    }),
    { numRuns: 200 },
  );
});
