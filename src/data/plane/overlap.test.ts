import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSameSocket, overlap } from './overlap.ts';

const at = (ip: string, port = 80) => ({ ip, port });

test('a wildcard overlaps with every address of its family, and that of IPv6 with IPv4, too', () => {
  const cases: readonly [one: string, other: string, doOverlap: boolean][] = [
    ['*', '127.0.0.1', true],
    ['*', '::1', true],
    ['*', '0.0.0.0', true],
    ['::', '10.0.0.1', true],
    ['0.0.0.0', '10.0.0.1', true],
    ['0.0.0.0', '::1', false],
    ['127.0.0.1', '127.0.0.2', false],
    ['127.0.0.1', '127.0.0.1', false],
    ['*', '::', false],
  ];
  for (const [one, other, expected] of cases) {
    assert.equal(overlap(at(one), at(other)), expected, `${one} ${other}`);
    assert.equal(overlap(at(other), at(one)), expected, `${other} ${one}`);
  }
});

test('other ports, a port that the kernel chooses and unix sockets overlap with nothing', () => {
  assert.equal(overlap(at('*'), at('127.0.0.1', 81)), false);
  assert.equal(overlap(at('*', 0), at('127.0.0.1', 0)), false);
  assert.equal(overlap(at('*'), { path: '/run/x.sock' }), false);
});

test('two ways to write the wildcard of IPv6 are one socket', () => {
  assert.equal(isSameSocket(at('*'), at('::')), true);
  assert.equal(isSameSocket(at('*'), at('0.0.0.0')), false);
});
