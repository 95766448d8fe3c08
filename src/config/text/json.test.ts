import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { jsonPlaces, parseJson } from './json.ts';
import { findPlace } from './place.ts';

describe('JSON', () => {
  test('is what JSON.parse takes, and nothing else is', () => {
    const junk = fc.stringMatching(/^[{}[\]":,01 a-z]*$/);
    fc.assert(
      fc.property(fc.oneof(fc.json(), junk), (text) => {
        const { value, problems } = parseJson(text);
        if (text.trim() === '') assert.deepEqual(value, {});
        else if (isJson(text)) assert.deepEqual(value, JSON.parse(text));
        else assert.ok(value === undefined && problems.length === 1);
      }),
    );
  });

  test('with a key twice in one object is refused at the second, at any depth', () => {
    const text = '{"a": [{"b": 1, "b": 2}], "c": {"a": 1}, "a": 3}';
    const indexes = parseJson(text).problems.map(({ index }) => index);
    assert.deepEqual(indexes.toSorted(), [text.indexOf('"b": 2'), text.lastIndexOf('"a"')].toSorted());
  });

  test('nested deeper than the stack is an error, not a crash', () => {
    const depth = 1_000_000;
    assert.equal(parseJson('['.repeat(depth)).problems.length, 1);
    parseJson('['.repeat(depth) + ']'.repeat(depth));
    assert.equal(jsonPlaces('['.repeat(depth)), undefined);
  });

  test('has places', () => {
    const text = '{ "a": { "b": [1, "x"] } }';
    const root = jsonPlaces(text);
    assert.ok(root !== undefined);
    const { place } = findPlace(root, ['a', 'b', 1]) ?? {};
    assert.equal(text.slice(place?.valueStart, place?.valueEnd), '"x"');
    assert.equal(findPlace(root, ['A', 'B'])?.place.keyStart, text.indexOf('"b"'));
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
