import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { sections, typeOf } from '../scripts/reference/keys.ts';
import { loadConfig } from '../src/app/config/load.ts';
import { balancers } from '../src/balance/registry.ts';
import { reportText } from '../src/cli/check-report.ts';
import { DIAGNOSTIC_CODES } from '../src/config/problem/diagnostic.ts';
import { discoveries } from '../src/control/discovery/registry.ts';
import { healthchecks } from '../src/control/healthcheck/registry.ts';
import { CAUSE_CODES } from '../src/core/cause.ts';
import { brokenLinks, codeBlocks, section, tableRows } from './helpers/texts/markdown.ts';

// That docs/configuration.md is what the schema gives, and gobetween.toml shows every key, is in test/config.

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...filesIn('docs').filter((file) => file.endsWith('.md')),
];
const CONFIGURATION = read('docs/configuration.md');
const OPERATIONS = read('docs/operations.md');
const README = read('README.md');

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
    (file) => `${folder}/${file.replaceAll(sep, '/')}`,
  );
}

function sources(): readonly string[] {
  return filesIn('src').filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
}

/** Variables of the environment, which look like codes; docs/ctl.md has them, and CONTRIBUTING.md those of tests. */
const VARIABLES = ['API', 'LOGIN', 'PASSWORD', 'CHAOS_MINUTES', 'CHAOS_SEED', 'FUZZ', 'FUZZ_SEED'].map(
  (name) => `TSLB_${name}`,
);

/** Whole codes; a template like `TSLB_${string}` is none. */
function codesIn(text: string): readonly string[] {
  const found = new Set(text.match(/\bTSLB_[A-Z0-9]+(?:_[A-Z0-9]+)*\b(?!_)/g));
  return [...found].filter((name) => !VARIABLES.includes(name)).sort();
}

function quotedIn(cell = ''): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
}

describe('error codes', () => {
  const inSource = codesIn(sources().map(read).join('\n'));
  const diagnostics = Object.keys(DIAGNOSTIC_CODES).sort();

  test('of the source stand in one of the two tables, and no others do', () => {
    const runtime = tableRows(section(OPERATIONS, '## Error codes')).flatMap(([code]) => quotedIn(code));
    assert.deepEqual([...runtime, ...diagnostics].sort(), inSource);
    assert.deepEqual(codesIn(section(CONFIGURATION, '## Diagnostics')), diagnostics);
  });

  test('that a page names exist', () => {
    const known = new Set([...inSource, 'TSLB_SYSTEM', 'TSLB_BEFORE']);
    for (const page of PAGES)
      assert.deepEqual(
        codesIn(read(page)).filter((code) => !known.has(code)),
        [],
        page,
      );
  });

  test('are found whole', () => {
    assert.deepEqual(codesIn("'TSLB_A_B' `TSLB_${x}` TSLB_CONFIG_${y} TSLB_A_B TSLB_C"), ['TSLB_A_B', 'TSLB_C']);
  });
});

describe('the reference page', () => {
  test('has every section with its keys, every kind and every cause', () => {
    for (const { name, keys } of sections()) {
      const text = section(CONFIGURATION, `## \`[${name}]\``);
      for (const key of keys) assert.ok(text.includes(`\n### \`${key.name}\`\n`), `${name}.${key.name}`);
    }
    const firstCells = (heading: string) =>
      tableRows(section(CONFIGURATION, heading)).flatMap(([cell]) => quotedIn(cell));
    assert.deepEqual(firstCells('## Kinds of balance').toSorted(), Object.keys(balancers).sort());
    assert.deepEqual(firstCells('## How a connection ended').toSorted(), [...CAUSE_CODES].sort());
    for (const kind of Object.keys({ ...discoveries, ...healthchecks })) section(CONFIGURATION, `### \`${kind}\``);
  });
});

/** How the table of time limits writes the keys of a section. A server has those of `[defaults]`. */
const TABLES = new Map([
  ['defaults', ''],
  ['servers.NAME.discovery', 'discovery.'],
  ['servers.NAME.healthcheck', 'healthcheck.'],
  ['servers.NAME.sni', 'sni.'],
  ...['process', 'logging', 'api', 'metrics', 'profiler', 'stats', 'dns'].map((name) => [name, `${name}.`] as const),
]);

describe('the table of time limits', () => {
  const rows = tableRows(section(OPERATIONS, '## Time limits')).slice(1);
  const defaults = new Map(rows.flatMap(([, keys, value]) => quotedIn(keys).map((key) => [key, quotedIn(value)[0]])));

  test('has every key that is a duration, with its default', () => {
    const durations = sections()
      .flatMap(({ name, keys }) => keys.map((key) => ({ ...key, table: TABLES.get(name) })))
      .filter(({ table }) => table !== undefined)
      .filter((key) => typeOf(key) === 'duration');
    assert.ok(durations.length > 15);
    for (const { table = '', name, schema } of durations) {
      assert.ok(defaults.has(table + name), `${table}${name} is not in the table`);
      assert.equal(defaults.get(table + name), schema.default, table + name);
    }
  });

  test('has every cause that begins with a small letter', () => {
    const causes = new Set(rows.flatMap(([, , , cause]) => quotedIn(cause)));
    for (const cause of CAUSE_CODES.filter((code) => /^[a-z]/.test(code))) assert.ok(causes.has(cause), cause);
  });
});

/** A sample that shows a part of a server, with the rest of one around it. */
function completed(sample: string): string {
  const isWhole = /^\[servers\.\w+\]$/m.test(sample);
  const head = isWhole ? '' : '[servers.web]\nbind = ":8080"\n';
  const tail = /^\[servers\.\w+\.discovery\]$/m.test(sample)
    ? ''
    : '\n[servers.web.discovery]\nkind = "static"\nstatic_list = ["localhost:80"]\n';
  return head + sample + tail;
}

async function faultsOf(sample: string): Promise<string> {
  const { diagnostics } = await loadConfig({ bytes: Buffer.from(completed(sample)), file: 'sample.toml' });
  return reportText(diagnostics);
}

describe('samples of configurations', () => {
  for (const page of PAGES) {
    const samples = codeBlocks(read(page), 'toml');
    if (samples.length === 0) continue;
    test(`in ${page} have neither errors nor warnings`, async () => {
      for (const sample of samples) assert.equal(await faultsOf(sample), 'no problems found\n', sample);
    });
  }

  test('stand in README.md and in the reference', () => {
    for (const text of [README, CONFIGURATION]) assert.ok(codeBlocks(text, 'toml').length > 0);
  });

  test('are really checked', async () => {
    assert.match(await faultsOf('balance = "wait"\n'), /TSLB_CONFIG_VALUE/);
    assert.match(await faultsOf('[servers.a]\nbind = ":1"\nbalence = "weight"\n'), /TSLB_CONFIG_KEY_TYPO/);
  });
});

describe('links', () => {
  test('between pages lead somewhere', () => {
    const others = [...['src', 'test', 'docs', 'contrib'].flatMap(filesIn), 'gobetween.toml', 'package.json'];
    const pages = new Map<string, string | null>(others.map((file) => [file, null]));
    for (const page of PAGES) pages.set(page, read(page));
    for (const page of PAGES) assert.deepEqual(brokenLinks(page, pages), [], page);
  });

  test('that lead nowhere are found', () => {
    const pages = new Map([
      ['README.md', '[a](docs/a.md) [b](docs/b.md) [c](docs/a.md#one-two) [d](#none) [e](https://example.org)\n'],
      [
        'docs/a.md',
        '# One `two`\n\n[up](../README.md) [no](README.md)\n\n```md\n# Hidden\n[x](gone.md)\n```\n[h](#hidden)\n',
      ],
    ]);
    assert.deepEqual(brokenLinks('README.md', pages), ['docs/b.md', '#none']);
    assert.deepEqual(brokenLinks('docs/a.md', pages), ['README.md', '#hidden']);
  });
});

test('files that the pages name in code are there', () => {
  const named = PAGES.flatMap((page) =>
    [...read(page).matchAll(/`((?:src|test|scripts|docs)\/[\w./-]+\.(?:ts|md|json|toml))`/g)].map(
      ([, path = '']) => path,
    ),
  ).filter((path) => !/\bNAME\b|\bfoo\b/.test(path));
  assert.ok(named.length > 0);
  for (const path of named) assert.ok(existsSync(join(ROOT, path)), path);
});

test('the changelog has a place for what is not released yet, and it is not empty', () => {
  const unreleased = section(read('CHANGELOG.md'), '## [Unreleased]');
  assert.match(unreleased, /^### (Added|Changed|Deprecated|Removed|Fixed|Security)$/m);
  assert.match(unreleased, /^- \S/m);
  assert.throws(() => section('# Changelog\n', '## [Unreleased]'), /no heading/);
});
