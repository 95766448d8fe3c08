import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';

import { temporaryFolder } from '../../../test/helpers/processes/cli.ts';
import { loadConfig, readConfigFile, readTables } from './load.ts';

async function codesOf(path: string): Promise<readonly string[]> {
  const { config, diagnostics } = await readConfigFile(path);
  assert.equal(config, undefined);
  return diagnostics.map(({ code }) => code);
}

describe('tables', () => {
  const server = { bind: ':80', discovery: { kind: 'static', static_list: ['a:1'] } };

  test('are kept as they were given, without unknown keys, in the spelling of the keys', () => {
    const given = { Logging: { level: 'WARN', colour: 1 }, api: null, servers: { '10': { ...server, balance: '' } } };
    const { config, problems } = readTables(given);
    assert.deepEqual(config?.tables, { logging: { level: 'WARN' }, servers: { '10': server } });
    assert.deepEqual(problems.map(({ code }) => code).sort(), ['TSLB_CONFIG_KEY_CASE', 'TSLB_CONFIG_KEY_UNKNOWN']);
  });

  test('can be read again, changed or not', () => {
    const { config } = readTables({ servers: { web: server } });
    assert.ok(config !== undefined);
    assert.deepEqual(readTables(config.tables), { config, problems: [] });
    const servers = { ...(config.tables['servers'] as object), other: { ...server, bind: ':81' } };
    const { config: changed } = readTables({ ...config.tables, servers });
    assert.deepEqual(
      changed?.servers.map(({ name }) => name),
      ['web', 'other'],
    );
    assert.deepEqual(changed.servers[0], config.servers[0]);
  });

  test('that are wrong give no configuration, whatever they are', () => {
    const names = ['__proto__', 'constructor', '', 'a/b'];
    for (const name of names) {
      const servers = Object.fromEntries([[name, server]]);
      const { config, problems } = readTables({ servers });
      assert.equal(config, undefined, name);
      assert.deepEqual(problems[0]?.path, ['servers', name]);
    }
    for (const given of [1, 'text', [], null, undefined, true, { servers: [] }, { servers: { a: null, b: 1 } }])
      assert.doesNotThrow(() => readTables(given));
    assert.equal(readTables('text').config, undefined);
  });
});

describe('a file', () => {
  test('that is not there, or a directory, is a diagnostic', async (t) => {
    const path = temporaryFolder(t);
    assert.deepEqual(await codesOf(join(path, 'none.toml')), ['TSLB_CONFIG_FILE']);
    assert.deepEqual(await codesOf(path), ['TSLB_CONFIG_FILE']);
  });

  test('of 10 MB is refused, and so is one without end', async (t) => {
    const path = join(temporaryFolder(t), 'large.toml');
    writeFileSync(path, `# ${'x'.repeat(10_000_000)}\n`);
    assert.deepEqual(await codesOf(path), ['TSLB_CONFIG_SIZE']);
    assert.deepEqual(await codesOf('/dev/zero'), ['TSLB_CONFIG_SIZE']);
  });

  test('with more backends than a server can have is refused', async (t) => {
    const path = join(temporaryFolder(t), 'long.toml');
    const list = Array.from({ length: 30_001 }, (_, index) => `"10.0.0.1:${index + 1}"`);
    const head = '[servers.a]\nbind = ":80"\n[servers.a.discovery]\nkind = "static"\nstatic_list = [';
    writeFileSync(path, `${head}${list.join(',')}]`);
    assert.deepEqual(await codesOf(path), ['TSLB_CONFIG_RANGE']);
  });

  test('of 4 MiB with an error in every access rule is reported', async (t) => {
    const path = join(temporaryFolder(t), 'wide.toml');
    const list = Array.from({ length: 130_000 }, (_, index) => `"alow 10.0.${index % 256}.0/24"`);
    const head =
      '[servers.a]\nbind = ":80"\ndiscovery = { kind = "static", static_list = ["a:1"] }\n[servers.a.access]\nrules = [';
    writeFileSync(path, `${head}${list.join(',')}]`);
    const codes = await codesOf(path);
    assert.equal(codes[0], 'TSLB_CONFIG_SIZE');
    assert.ok(codes.length > 10_000);
  });

  test('is JSON by its extension, else TOML, unless the format is given', async (t) => {
    const path = temporaryFolder(t);
    const inJson = join(path, 'a.JSON');
    const inToml = join(path, 'a.conf');
    writeFileSync(inJson, '{"process": {"threads": 2}}');
    writeFileSync(inToml, 'process.threads = 2');
    assert.equal((await readConfigFile(inJson)).config?.threads, 2);
    assert.equal((await readConfigFile(inToml)).config?.threads, 2);
    assert.equal((await readConfigFile(inJson, { format: 'toml' })).config, undefined);
    assert.equal((await readConfigFile(inToml, { format: 'json' })).config, undefined);
  });
});

const SAMPLE = `
[servers.web]
bind = ":8080"
access = { rules = ["deny 10.0.0.0/8"] }
[servers.web.discovery]
kind = "static"
static_list = ["a:1", "b:2"]
`;

describe('a configuration', () => {
  async function load(text: string) {
    return loadConfig({ bytes: Buffer.from(text), file: 'x.toml' });
  }

  test('read twice is deeply the same, and can be sent to a worker', async () => {
    const [one, two] = [await load(SAMPLE), await load(SAMPLE)];
    assert.ok(one.config !== undefined && isDeepStrictEqual(one.config, two.config));
    assert.deepEqual(structuredClone(one.config), one.config);
    assert.ok(!isDeepStrictEqual(one.config, (await load(SAMPLE.replace('10.0', '11.0'))).config));
  });

  test('substitutes variables only when it is given them', async () => {
    const text = '[logging]\noutput = "/var/log/${NAME}"\n';
    const bytes = Buffer.from(text);
    const withEnv = await loadConfig({ bytes, file: 'x', env: { NAME: 'a' } });
    assert.equal(withEnv.config?.logging.output, '/var/log/a');
    assert.equal((await load(text)).config?.logging.output, '/var/log/${NAME}');
  });

  test('that is damaged anywhere gives a configuration or an error, and never throws', async () => {
    const junk = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.constantFrom('"', '[', ']', '\n', '=', '.', '{', '}'),
    );
    const place = fc.nat(SAMPLE.length);
    await fc.assert(
      fc.asyncProperty(place, fc.nat(8), junk, async (start, length, inserted) => {
        const text = SAMPLE.slice(0, start) + inserted + SAMPLE.slice(start + length);
        const { config, diagnostics } = await load(text);
        assert.equal(
          config === undefined,
          diagnostics.some(({ severity }) => severity === 'error'),
        );
        for (const { line = 1, column = 1 } of diagnostics) {
          const lineText = text.split('\n')[line - 1];
          assert.ok(lineText !== undefined && column >= 1 && column <= lineText.length + 1);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('of any JSON gives a configuration or an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        const { config, diagnostics } = await loadConfig({ bytes: Buffer.from(text), file: 'x.json' });
        assert.equal(
          config === undefined,
          diagnostics.some(({ severity }) => severity === 'error'),
        );
      }),
    );
  });
});
