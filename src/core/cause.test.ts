import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { CAUSE_CODES, CAUSES } from './cause.ts';

/** The letters that HAProxy's manual gives the two places, and "-"; F and U are ours. */
const WHO = 'CSPRDKcs-';
const WHEN = 'RQCDLFU-';

function faultOf(code: string, meaning: string): string | undefined {
  if (code.length !== 2) return 'is not of two letters';
  if (!WHO.includes(code.charAt(0))) return 'begins with no letter of the manual';
  if (!WHEN.includes(code.charAt(1))) return 'ends with no letter of the manual';
  if ((code.startsWith('-') || code.endsWith('-')) && code !== '--') return 'says half';
  if (meaning.length < 10 || meaning.length > 90) return 'has no meaning of one line';
  return undefined;
}

test('every cause has two letters of the manual and a meaning of its own', () => {
  for (const [code, meaning] of Object.entries(CAUSES)) assert.equal(faultOf(code, meaning), undefined, code);
  assert.equal(new Set(Object.values(CAUSES)).size, CAUSE_CODES.length);
});

test('the check finds what is wrong', () => {
  const bad = ['C', 'XD', 'CX', 'C-', '-D'].map((code) => faultOf(code, 'a meaning that is long enough'));
  assert.ok(bad.every((fault) => fault !== undefined));
  assert.equal(faultOf('CD', ''), 'has no meaning of one line');
});

test('the codes stand in the order of the table, which is the order of their counters', () => {
  assert.deepEqual([...CAUSE_CODES], Object.keys(CAUSES));
});

test('every cause is explained in docs/configuration.md', () => {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/configuration.md', import.meta.url)), 'utf8');
  for (const [code, meaning] of Object.entries(CAUSES)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${code}\``));
    assert.ok(row?.includes(meaning), code);
  }
});
