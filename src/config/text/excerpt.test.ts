import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { excerptOf } from './excerpt.ts';

describe('an excerpt', () => {
  const line = 'login = "me", password = "hunter2", x = 1';
  const secrets = [{ start: line.indexOf('"hunter2"'), end: line.indexOf(', x') }];
  const shown = 'login = "me", password = [redacted], x = 1';

  test('shows no secret, and the caret where the character is now', () => {
    for (const word of ['me', 'password', 'x', '1']) {
      const { text, caret } = excerptOf(line, line.indexOf(word), secrets);
      assert.equal(text, shown);
      assert.equal(caret, shown.indexOf(word), word);
    }
  });

  test('has its caret at the start of a secret that is meant, or a part of which is', () => {
    for (const word of ['"hunter2"', 'hunter2', '"h', 'r2']) {
      assert.equal(excerptOf(line, line.indexOf(word), secrets).caret, shown.indexOf('[redacted]'));
    }
    assert.equal(excerptOf(line, line.indexOf(', x'), secrets).caret, shown.indexOf(', x'));
  });

  test('takes several secrets, also at both ends', () => {
    const both = [
      { start: 0, end: 1 },
      { start: 2, end: 4 },
    ];
    assert.deepEqual(excerptOf('abcd', 1, both), { text: '[redacted]b[redacted]', caret: 10 });
    assert.deepEqual(excerptOf('abcd', 4, both), { text: '[redacted]b[redacted]', caret: 21 });
  });

  test('of a long line is what is around the place', () => {
    const { text, caret } = excerptOf(`${'a'.repeat(300)}X${'b'.repeat(300)}`, 300, []);
    assert.equal(text[caret], 'X');
    assert.match(text, /^…a{60}Xb{99}…$/);
  });
});
