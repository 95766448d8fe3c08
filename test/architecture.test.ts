import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { importProblems, packagesLoadedBy, parseImportTable } from './helpers/texts/import-table.ts';
import { section, tableRows } from './helpers/texts/markdown.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function sourcesOfProject(): Map<string, string> {
  const src = join(ROOT, 'src');
  return new Map(
    readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'))
      .map((file) => [file.replaceAll(sep, '/'), readFileSync(join(src, file), 'utf8')]),
  );
}

test('the sources keep to the import table of docs/ARCHITECTURE.md', () => {
  const table = parseImportTable(readFileSync(join(ROOT, 'docs', 'ARCHITECTURE.md'), 'utf8'));
  assert.deepEqual(importProblems(table, sourcesOfProject()), []);
});

test('a data-plane thread loads no package: it would take memory in each, and descriptors when there are none', () => {
  assert.deepEqual(packagesLoadedBy('data/thread/worker.ts', sourcesOfProject()), []);
});

/** By wings and rooms that must never see each other, whatever the table says. */
const APART: readonly (readonly [one: RegExp, other: RegExp])[] = [
  [/^control\b/, /^data\b/],
  [/^data\/plane$/, /^data\/(?:thread|session)$/],
];

test('the table keeps the planes apart, and each engine from every other', () => {
  const table = parseImportTable(readFileSync(join(ROOT, 'docs', 'ARCHITECTURE.md'), 'utf8'));
  const arrows = table.flatMap(({ name, mayImport }) => [...mayImport].map((other) => [name, other] as const));
  const isEngine = (name: string): boolean => /^data\/engines\/(?!common$|linux$)[^/]+$/.test(name);
  const wrong = arrows.filter(
    ([from, to]) =>
      (isEngine(from) && isEngine(to)) ||
      APART.some(([one, other]) => (one.test(from) && other.test(to)) || (other.test(from) && one.test(to))),
  );
  assert(table.filter(({ name }) => isEngine(name)).length >= 2);
  assert.deepEqual(wrong, []);
});

test('no source file is longer than 250 lines, and half of them have at most 60', () => {
  const lengths = [...sourcesOfProject()].map(([file, text]) => [text.trimEnd().split('\n').length, file] as const);
  lengths.sort(([a], [b]) => a - b);
  assert.deepEqual(
    lengths.filter(([lines]) => lines > 250),
    [],
  );
  const [median = 0] = lengths[lengths.length >> 1] ?? [];
  assert(median <= 60, `the median is ${median} lines`);
});

test('the tests that guard against traps are where docs/internals/epoll.md says', () => {
  const page = readFileSync(join(ROOT, 'docs', 'internals', 'epoll.md'), 'utf8');
  const [, ...rows] = tableRows(section(page, '## Traps'));
  assert(rows.length > 20, `${rows.length} rows`);
  const missing = rows.filter(([, name = '', file = '']) => {
    const source = readFileSync(join(ROOT, file.replaceAll('`', '')), 'utf8');
    return !["'", '"', '`'].some((quote) => source.includes(quote + name));
  });
  assert.deepEqual(missing, []);
});

test('docs/internals/packages.md says what each package is for', () => {
  const page = readFileSync(join(ROOT, 'docs', 'internals', 'packages.md'), 'utf8');
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: object };
  const named = [...section(page, '## Packages').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  assert.deepEqual(
    Object.keys(dependencies).filter((name) => !named.includes(name)),
    [],
  );
});

describe('the check itself', () => {
  const TABLE = parseImportTable(`
| Layer | Folders | May import | From outside |
|---|---|---|---|
| 0 | \`core\` | only \`node:\` | all |
| 1 | \`log\` \`wire\` | \`core\` | all |
| 2 | \`left/kinds\` | layers 0–1 | \`registry.ts\` |
| 3 | \`left\` | layers 0–1, \`left/kinds\` | all |
| 3 | \`right\` | layers 0–1 | all |
| 4 | \`app\` | layers 0–3 | all |
`);
  const GOOD = {
    'core/a.ts': "import { join } from 'node:path'; export const a = join('a');",
    'log/log.ts': "import type { A } from '../core/a.ts'; import { pino } from 'pino'; export const log = pino();",
    'wire/w.ts': 'export const w = 1;',
    'left/kinds/registry.ts': "export { one } from './one.ts';",
    'left/kinds/one.ts': 'export const one = 1;',
    'left/left.ts': "import { one } from './kinds/registry.ts'; export const left = one;",
    'right/right.ts': "export const load = () => import('../wire/w.ts');",
    'app/app.ts': "import '../left/left.ts'; import '../right/right.ts'; export {};",
  };

  function problems(changed: Readonly<Record<string, string>>): string[] {
    return importProblems(TABLE, new Map(Object.entries({ ...GOOD, ...changed })));
  }

  test('is content with what the table allows', () => {
    assert.deepEqual(problems({}), []);
  });

  const BAD: readonly [name: string, changed: Record<string, string>, problem: RegExp][] = [
    ['an import up', { 'log/log.ts': "import '../app/app.ts';" }, /log\/log\.ts: log may not import app/],
    ['an import sideways', { 'log/log.ts': "import '../wire/w.ts';" }, /log may not import wire/],
    [
      'a wing that imports the other',
      { 'left/left.ts': "import type { R } from '../right/right.ts';" },
      /not import right/,
    ],
    ['a re-export', { 'log/log.ts': "export * from '../wire/w.ts';" }, /log may not import wire/],
    ['a dynamic import', { 'log/log.ts': "const w = import('../wire/w.ts');" }, /log may not import wire/],
    [
      'an import past the door',
      { 'left/left.ts': "import { one } from './kinds/one.ts';" },
      /one\.ts, which is no door/,
    ],
    [
      'an import out of src',
      { 'log/log.ts': "import '../../scripts/x.ts';" },
      /may not import what is not in the table/,
    ],
    ['a package in the lowest layer', { 'core/a.ts': "import { z } from 'zod';" }, /core\/a\.ts: imports package zod/],
    [
      'a ring',
      { 'core/a.ts': "import './b.ts';", 'core/b.ts': "import './a.ts';" },
      /ring.*a\.ts → core\/b\.ts → core\/a\.ts/,
    ],
    [
      'a ring of types',
      { 'core/a.ts': "import type { B } from './b.ts';", 'core/b.ts': "import type { A } from './a.ts';" },
      /ring.*a\.ts → core\/b\.ts → core\/a\.ts/,
    ],
    ['a default export', { 'core/a.ts': 'export default 1;' }, /exports by default/],
    ['a default function', { 'core/a.ts': 'export default function a() {}' }, /exports by default/],
    ['a default by another name', { 'core/a.ts': 'const a = 1; export { a as default };' }, /exports by default/],
    ['a folder that the table forgot', { 'extra/x.ts': '' }, /extra\/x\.ts: its folder is not in the table/],
  ];
  for (const [name, changed, problem] of BAD) {
    test(`finds ${name}`, () => {
      const found = problems(changed);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0]!, problem);
    });
  }

  test('finds a folder that is gone, and a table that allows what it forbids', () => {
    assert.match(importProblems(TABLE, new Map()).join('\n'), /core is in the table and not in src/);
    const upward = parseImportTable('| 1 | `a` | `b` | |\n| 2 | `b` | `a` | |');
    assert.match(importProblems(upward, new Map()).join('\n'), /lets a import b, which is not below it/);
    assert.throws(() => parseImportTable('| 1 | a | `b` | |'), /without a folder/);
    assert.throws(() => parseImportTable('| 1 | `a` | nothing | |'), /may import nothing/);
  });
});
