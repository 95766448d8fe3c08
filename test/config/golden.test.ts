import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { loadConfig, type LoadedConfig } from '../../src/app/config/load.ts';
import { reportText } from '../../src/cli/check-report.ts';

/**
 * Config files in, the configuration or the exact text of the report out. `UPDATE_GOLDEN=1` writes what comes out as
 * what is expected: read the difference before you commit it. Files named `*.env.*` are read with `-e`.
 */
const GOLDEN = fileURLToPath(new URL('../../../test/config/golden/', import.meta.url));
const IS_UPDATE = process.env['UPDATE_GOLDEN'] === '1';

const ENV = {
  NAME: 'web',
  HOST: '127.0.0.1',
  PORT: '8080',
  BAD_PORT: '80a',
  KIND: 'leastcon',
  NUMBER: '12',
  BACKEND: 'localhost:8001',
};

describe('a file with errors gives exactly this report', () => {
  for (const file of inputsIn('bad')) {
    test(file, async () => {
      const { config, diagnostics } = await load('bad', file);
      const hasError = diagnostics.some(({ severity }) => severity === 'error');
      assert.equal(config === undefined, hasError, 'there is a configuration if and only if there is no error');
      assert.ok(diagnostics.length > 0);
      expectFile(join(GOLDEN, 'bad', `${file}.txt`), reportText(diagnostics));
    });
  }

  test('there are enough of them', () => {
    assert.ok(inputsIn('bad').length >= 60);
  });
});

describe('a good file gives exactly this configuration', () => {
  for (const file of inputsIn('good')) {
    test(file, async () => {
      const { config, diagnostics } = await load('good', file);
      assert.ok(config !== undefined, reportText(diagnostics));
      const expected = join(GOLDEN, 'good', `${file}.out`);
      const settled = { ...config, tables: undefined };
      expectFile(expected, `${JSON.stringify(settled, asJson, 2)}\n${reportText(diagnostics)}`);
    });
  }
});

describe('a file as people write it for gobetween gives exactly this report', () => {
  for (const file of inputsIn('gobetween')) {
    test(file, async () => {
      const { config, diagnostics } = await load('gobetween', file);
      const servers = config === undefined ? 'not accepted' : `accepted, servers: ${config.servers.length}`;
      expectFile(join(GOLDEN, 'gobetween', `${file}.txt`), `${reportText(diagnostics)}${servers}\n`);
    });
  }
});

function inputsIn(folder: string): readonly string[] {
  return readdirSync(join(GOLDEN, folder)).filter((file) => ['.toml', '.json'].includes(parse(file).ext));
}

async function load(folder: string, file: string): Promise<LoadedConfig> {
  const bytes = readFileSync(join(GOLDEN, folder, file));
  return loadConfig({ bytes, file, env: file.includes('.env.') ? ENV : undefined });
}

function expectFile(path: string, actual: string): void {
  if (IS_UPDATE) writeFileSync(path, actual);
  assert.ok(existsSync(path), `${path} is missing; run with UPDATE_GOLDEN=1 to write it`);
  assert.equal(actual, readFileSync(path, 'utf8'));
}

function asJson(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value) as unknown;
  if (value instanceof Set) return [...value] as unknown;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}
