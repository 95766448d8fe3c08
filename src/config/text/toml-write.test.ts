import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import TOML from '@iarna/toml';
import fc from 'fast-check';

import { tomlText } from './toml-write.ts';
import { tomlPlaces } from './toml.ts';

test('keys come before tables, each level two spaces further in', () => {
  const text = tomlText({
    web: { discovery: { list: ['a', 1, true] }, 'a b': 'c', 'with null': null },
    title: 'it',
    servers: new Map([['10', { empty: [] }]]),
    nothing: null,
  });
  assert.equal(
    text,
    `title = "it"

[web]
  "a b" = "c"
  [web.discovery]
    list = ["a", 1, true]

[servers]
  [servers.10]
    empty = []
`,
  );
});

test('nothing is an empty text', () => {
  assert.equal(tomlText({}), '');
});

test('texts are escaped, and tables in lists stand on one line', () => {
  const text = tomlText({ 'a.b"': 'one\n"two"\\ \t\u0000\u007f\ud800', list: [{ a: 1, b: { c: 'd' } }, []] });
  assert.equal(
    text,
    String.raw`"a.b\"" = "one\n\"two\"\\ \t\u0000\u007f${'\ufffd'}"` + '\nlist = [{ a = 1, b = { c = "d" } }, []]\n',
  );
});

describe('every table', () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.string(), { maxLength: 3 }),
      tie('table'),
    ),
    table: fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => !(key in {})),
      tie('value'),
      { maxKeys: 4 },
    ),
  })) as unknown as { table: fc.Arbitrary<Record<string, never>> };

  test('can be read again by both parsers', async () => {
    await fc.assert(
      fc.asyncProperty(value.table, async (table) => {
        const text = tomlText(table);
        assert.deepEqual(JSON.parse(JSON.stringify(TOML.parse(text))), JSON.parse(JSON.stringify(table)));
        assert.ok((await tomlPlaces(text)) !== undefined);
      }),
    );
  });
});
