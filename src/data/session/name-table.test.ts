import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NameTable } from './name-table.ts';

test('names that clients make up cost no more than the expressions that are found in them', () => {
  const items = [{ sni: ['^www'] }, { sni: ['\\.test$'] }, { sni: ['^api'] }];
  const table = new NameTable(items, 'regexp');
  const found = new Set(Array.from({ length: 1_000 }, (_, index) => table.find(`www${index}.test`)));
  assert.equal(found.size, 1);
  assert.deepEqual([...found][0]?.items, items.slice(0, 2));
  assert.deepEqual(table.find('api.test')?.items, items.slice(1));
});
