import assert from 'node:assert/strict';
import { test } from 'node:test';

import { commandLine } from './arguments.ts';

test('without GOBETWEEN the arguments are those given', () => {
  assert.deepEqual(commandLine(['start', '-c', 'x'], {}), ['start', '-c', 'x']);
  assert.deepEqual(commandLine(['start'], { GOBETWEEN: '' }), ['start']);
});

test('GOBETWEEN is the argument list where there is none', () => {
  assert.deepEqual(commandLine([], { GOBETWEEN: '["-c", "/etc/gobetween.toml"]' }), ['-c', '/etc/gobetween.toml']);
  assert.deepEqual(commandLine([], { GOBETWEEN: '[]' }), []);
});

test('GOBETWEEN beside real arguments is a usage error', () => {
  assert.throws(() => commandLine(['--version'], { GOBETWEEN: '["-h"]' }), { code: 'TSLB_USAGE', message: /both/ });
});

for (const text of ['-c x', '{"c": "x"}', '["-c", 1]', '"-c"', 'null', '[']) {
  test(`GOBETWEEN=${text} is a usage error that shows it`, () => {
    assert.throws(
      () => commandLine([], { GOBETWEEN: text }),
      (error: Error) => 'code' in error && error.code === 'TSLB_USAGE' && error.message.includes(text),
    );
  });
}
