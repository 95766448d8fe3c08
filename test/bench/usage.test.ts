import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { pid } from 'node:process';
import { test } from 'node:test';

import { cpuSeconds, memory, parseMemory, parseThreadSeconds, processTree } from '../../scripts/bench/usage.ts';
import { parseTimeWait } from '../../scripts/bench/works/connections.ts';

const skip = !existsSync('/proc/self/smaps_rollup') && 'no /proc here';

test('the time of a thread is the first number of its schedstat, in nanoseconds', () => {
  assert.equal(parseThreadSeconds('1234500000 42 7\n'), 1.2345);
});

test('memory is read by its labels', () => {
  const rollup = `55d0-7ffc ---p 00000000 00:00 0 [rollup]
Rss:               98304 kB
Pss:               60000 kB
Private_Clean:     20000 kB
Private_Dirty:     40960 kB
`;
  assert.deepEqual(parseMemory(rollup), { rssKib: 98_304, privateKib: 40_960 });
});

test('sockets in TIME_WAIT are counted from sockstat', () => {
  const sockstat = 'sockets: used 201\nTCP: inuse 12 orphan 0 tw 4711 alloc 15 mem 3\nUDP: inuse 0 mem 0\n';
  assert.equal(parseTimeWait(sockstat), 4711);
  assert.equal(parseTimeWait(''), 0);
});

test('this process has used time and memory', { skip }, () => {
  const tree = processTree(pid);
  assert.equal(tree[0], pid);
  assert.ok(cpuSeconds([pid]) > 0);
  const { rssKib, privateKib } = memory([pid]);
  assert.ok(rssKib > privateKib && privateKib > 0);
});
