import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasWords, wordsOf } from './words.ts';

test('words count anywhere behind the path, in any order, and in the query', () => {
  const CSV = ['/stats;csv', '/stats/;csv', '/stats;norefresh;csv', '/stats?;csv', '/stats/x;csv', '/statsX;csv'];
  for (const url of [...CSV, '/stats?a=b;csv', '/stats;csvx', '/stats;up;csv;no-maint']) {
    assert.deepEqual([hasWords(url, '/stats'), wordsOf(url, '/stats').format], [true, 'csv'], url);
  }
  for (const url of ['/stats', '/stats/', '/stats/csv', '/statsX', '/stats%3Bcsv', '/stats?csv']) {
    assert.deepEqual([hasWords(url, '/stats'), wordsOf(url, '/stats').format], [false, 'page'], url);
  }
  for (const url of ['/stats;CSV', '/stats;', '/stats;norefresh', '/stats;st=DENY'])
    assert.equal(wordsOf(url, '/stats').format, 'page', url);
  for (const url of ['/stats;json', '/stats;json-schema', '/stats;typed', '/stats;csv;json'])
    assert.equal(wordsOf(url, '/stats').format, 'other', url);
});

test('each word has its meaning', () => {
  const words = wordsOf('/a/stats/;csv;norefresh;up;no-maint;scope=we%20b;x', '/a/stats');
  const all = { format: 'csv', isStill: true, hidesDown: true, hidesMaintenance: true, scope: 'we b', depth: 1 };
  assert.deepEqual(words, all);
  assert.equal(wordsOf('/stats?scope=web&x=1;csv', '/stats').scope, 'web');
  assert.equal(wordsOf('/stats;scope=%', '/stats').scope, '%');
});

test('the depth is that of the path alone', () => {
  for (const [url, depth] of [
    ['/stats', 0],
    ['/stats;csv', 0],
    ['/stats/', 1],
    ['/stats/;x', 1],
    ['/stats/a/b;x', 2],
    ['/stats?a/b', 0],
  ] as const)
    assert.equal(wordsOf(url, '/stats').depth, depth, url);
});
