import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';
import { parse as parseWithSmolToml, stringify } from 'smol-toml';

import { findPlace } from './place.ts';
import { parseToml, tomlPlaces } from './toml.ts';

async function value(text: string): Promise<unknown> {
  const parsed = await parseToml(text);
  assert.deepEqual(parsed.problems, []);
  return parsed.value;
}

describe('the place of a syntax error', () => {
  /** @iarna/toml counts columns from 1 on the first line and from 0 on the others. */
  const CASES: readonly [text: string, index: number][] = [
    ['a = ?', 4],
    ['a = 1\nb = ?', 10],
    ['\n\n   c = ?\n', 9],
    ['a = "x', 6],
    ['a = "é🎉" ?', 10],
    ['a = 1\n  a = 2\n', 8],
    ['[a]\nx = 1\n[a]\ny = 1', 11],
    ['a = 1 b = 2', 6],
    ['a = "\\q"', 6],
    ['a = """\n\\q"""', 9],
  ];
  for (const [text, index] of CASES) {
    test(JSON.stringify(text), async () => {
      const { problems } = await parseToml(text);
      assert.equal(problems[0]?.index, index);
    });
  }
});

describe('values', () => {
  test('beyond 2^53 are bigints', async () => {
    assert.deepEqual(Object.entries((await value('a = 9007199254740993')) as object), [['a', 9007199254740993n]]);
  });

  test('of keys that every object inherits are refused before they do harm', async () => {
    const before = ownNames(Reflect.get(Object.prototype, 'toString'));
    const texts = ['[toString]\nx = 1', 'toString.x = 1', '[a]\n"to\\u0053tring".x = 1', 'a = { toString.x = 1 }'];
    for (const text of texts) {
      const { value, problems } = await parseToml(text);
      assert.equal(value, undefined, text);
      assert.deepEqual(
        problems.map(({ code }) => code),
        ['TSLB_CONFIG_RESERVED_NAME'],
      );
    }
    assert.deepEqual(ownNames(Reflect.get(Object.prototype, 'toString')), before);
  });

  test('that are such words are no keys', async () => {
    assert.deepEqual(plain(await value('a = "toString" # constructor')), { a: 'toString' });
  });
});

const CORPUS = [
  '',
  '# only a comment',
  'a = 1\nb = 1.5\nc = true\nd = "x"\ne = \'y\'\n',
  'a.b.c = 1\na.b.d = 2\n"a b"."c.d" = 3\n',
  '[a]\nx = 1\n[a.b]\ny = 2\n[c.d]\nz = 3\n',
  '[[a]]\nx = 1\n[[a]]\nx = 2\n[a.b]\ny = 1\n',
  'a = [1, "x", [2, 3], { y = 1 }]\n',
  'a = [ # first\n  1,\n  2, # second\n]\n',
  'a = """\nx\\\n   y"""\nb = \'\'\'\nx\ny\'\'\'\n',
  'a = 0x1f\nb = 0o17\nc = 0b11\nd = 1_000\ne = -0\nf = 1e3\n',
  'a = "\\u00e9\\U0001F389\\t\\n\\"\\\\"\n',
  'a = {}\nb = []\n"" = 1\n',
  '[servers.1]\nbind = ":1"\n[servers."a.b"]\nbind = ":2"\n',
];

describe('a text means the same as to smol-toml', () => {
  for (const text of CORPUS) {
    test(JSON.stringify(text), async () => assert.deepEqual(plain(await value(text)), plain(parseWithSmolToml(text))));
  }

  test('and so does what smol-toml writes', async () => {
    const leaf = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean());
    const key = fc.string({ minLength: 1, unit: 'grapheme-ascii' }).filter((name) => !(name in {}));
    const { table } = fc.letrec<{ table: Record<string, unknown>; value: unknown }>((tie) => ({
      table: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(leaf, { maxLength: 3 }), tie('table')),
    }));
    await fc.assert(
      fc.asyncProperty(table, async (written) => {
        assert.deepEqual(plain(await value(stringify(written))), plain(written));
      }),
    );
  });
});

describe('places', () => {
  test('are those of the key and the value, through tables, lists and inline tables', async () => {
    const text = '[servers.web]\nbind = ":80"\n[servers.web.discovery]\nlist = [ "a", { b.c = 1 } ]\n[[x]]\ny = 1\n';
    const root = await tomlPlaces(text);
    assert.ok(root !== undefined);
    const at = (...path: (string | number)[]) => {
      const found = findPlace(root, path);
      assert.ok(found?.isExact === true);
      const { keyStart, valueStart, valueEnd } = found.place;
      return [text.slice(keyStart, keyStart + 4), text.slice(valueStart, valueEnd)];
    };
    assert.deepEqual(at('servers', 'web', 'bind'), ['bind', '":80"']);
    assert.deepEqual(at('servers', 'web', 'discovery', 'list', 0), ['"a",', '"a"']);
    assert.deepEqual(at('servers', 'web', 'discovery', 'list', 1, 'b', 'c'), ['c = ', '1']);
    assert.deepEqual(at('x', 0, 'y'), ['y = ', '1']);
    assert.equal(at('servers', 'web')[0], 'web]');
    assert.equal(findPlace(root, ['servers', 'web', 'missing'])?.place, findPlace(root, ['servers', 'web'])?.place);
    assert.equal(findPlace(root, ['missing']), undefined);
  });

  test('are not known of a text that the second parser refuses', async () => {
    assert.equal(await tomlPlaces('a = ?'), undefined);
  });
});

function ownNames(value: unknown): readonly string[] {
  return Object.getOwnPropertyNames(value);
}

/** Both parsers' tables as the same kind of object. */
function plain(table: unknown): unknown {
  return JSON.parse(JSON.stringify(table));
}
