import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { anyTables } from '../../../test/helpers/texts/any-config.ts';
import type { Config } from './config.ts';
import { dumpText } from './dump.ts';
import { loadConfig, readTables } from './load.ts';

const WITH_SECRETS = { secrets: true };

function configOf(tables: unknown): Config {
  const { config, problems } = readTables(tables);
  assert.ok(config !== undefined, JSON.stringify(problems));
  return config;
}

/** What a configuration means, whatever the order of its servers and the words it was written in. */
function meaningOf({ servers, ...config }: Config) {
  const sorted = servers.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { ...config, tables: undefined, servers: sorted };
}

async function load(text: string, format: 'toml' | 'json') {
  const { config, diagnostics } = await loadConfig({ bytes: Buffer.from(text), file: 'dump', format });
  assert.ok(config !== undefined, JSON.stringify(diagnostics));
  return { config, diagnostics };
}

describe('what is dumped', () => {
  const server = { bind: ':80', discovery: { kind: 'static', static_list: ['a:1'] } };

  test('has the sections of gobetween in its order, and ours', () => {
    const config = configOf({ servers: { b: server, a: { ...server, bind: ':81' } }, process: { threads: 2 } });
    const json = JSON.parse(dumpText(config, 'json')) as Record<string, object>;
    const sections = ['logging', 'api', 'metrics', 'defaults', 'acme', 'profiler', 'servers', 'process'];
    assert.deepEqual(Object.keys(json), sections);
    assert.deepEqual([json['logging'], json['acme'], json['process']], [null, null, { threads: 2 }]);
    assert.deepEqual(Object.keys(json['servers'] ?? {}), ['a', 'b']);
  });

  test('in TOML leaves out what is absent, and is indented as gobetween does it', () => {
    const config = configOf({ logging: { level: 'warn' }, servers: { web: { ...server, on_down: 'close' } } });
    assert.equal(
      dumpText(config, 'toml'),
      `[logging]
  level = "warn"

[servers]
  [servers.web]
    max_connections = 0
    client_idle_timeout = "0"
    backend_idle_timeout = "0"
    backend_connection_timeout = "5s"
    bind = ":80"
    protocol = "tcp"
    balance = "weight"
    on_down = "close"
    [servers.web.discovery]
      kind = "static"
      failpolicy = "keeplast"
      interval = "0"
      timeout = "0"
      static_list = ["a:1"]
    [servers.web.healthcheck]
      kind = "none"
      interval = "0"
      passes = 1
      fails = 1
      timeout = "0"
`,
    );
  });

  test('of nothing is nothing', async () => {
    for (const format of ['toml', 'json'] as const) {
      const { config, diagnostics } = await load(dumpText(configOf({}), format), format);
      assert.deepEqual(meaningOf(config), meaningOf(configOf({})));
      assert.deepEqual(diagnostics, []);
    }
  });

  test('with its secrets replaced is refused, not taken for a backup', async () => {
    const login = { login: 'admin', password: 'hunter2' };
    const config = configOf({
      api: { enabled: true, basic_auth: login },
      stats: { enabled: true, basic_auth: login },
    });
    for (const format of ['toml', 'json'] as const) {
      const text = dumpText(config, format);
      assert.doesNotMatch(text, /hunter2/);
      assert.match(text, /admin/);
      const { config: loaded, diagnostics } = await loadConfig({ bytes: Buffer.from(text), file: 'dump', format });
      assert.equal(loaded, undefined);
      assert.deepEqual(
        diagnostics.map(({ code, path }) => [code, path]),
        [
          ['TSLB_CONFIG_REDACTED', 'api.basic_auth.password'],
          ['TSLB_CONFIG_REDACTED', 'stats.basic_auth.password'],
        ],
      );
    }
  });
});

describe('any configuration that was dumped', () => {
  for (const format of ['toml', 'json'] as const) {
    test(`as ${format} means the same, warns of nothing new, and dumps the same again`, async () => {
      await fc.assert(
        fc.asyncProperty(anyTables, async (tables) => {
          const { config, problems } = readTables(tables);
          assert.ok(config !== undefined, JSON.stringify(problems));
          const text = dumpText(config, format, WITH_SECRETS);
          const { config: loaded, diagnostics } = await load(text, format);
          assert.deepEqual(meaningOf(loaded), meaningOf(config));
          const known = new Set(problems.map(({ code }) => code));
          assert.deepEqual(
            diagnostics.filter(({ code }) => !known.has(code)),
            [],
          );
          assert.equal(dumpText(loaded, format, WITH_SECRETS), text);
        }),
        { numRuns: 200 },
      );
    });
  }
});
