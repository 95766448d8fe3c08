import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countLocalPorts, LocalPorts, readPortRange } from './local-ports.ts';

test('the range is a range of ports', () => {
  const { first, last } = readPortRange();
  assert(first >= 1 && first <= last && last <= 65_535, `${first} to ${last}`);
});

test('the range is read anew after ten seconds, and not before', () => {
  let now = 0;
  let reads = 0;
  const ports = new LocalPorts(
    () => now,
    () => ({ first: 50_000 + reads++, last: 50_001 }),
  );
  assert.deepEqual(
    [49_999, 50_000, 50_001, 50_002].map((port) => ports.has(port)),
    [false, true, true, false],
  );
  now = 9_999;
  assert(ports.has(50_000));
  now = 10_000;
  assert(!ports.has(50_000));
  assert.equal(reads, 2);
});

test('reserved ports are not among those that the kernel chooses from', () => {
  const range = { first: 100, last: 199 };
  const reserved = [
    { first: 1, last: 1 },
    { first: 90, last: 109 },
    { first: 150, last: 150 },
  ];
  assert.equal(countLocalPorts(range, reserved), 89);
  assert.equal(countLocalPorts(range, []), 100);
  assert(countLocalPorts() >= 1);
});
