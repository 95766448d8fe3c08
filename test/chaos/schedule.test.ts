import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ALL_KINDS, scheduleOf } from './schedule.ts';

const RECOVERY_MS = 3000;

test('the troubles of a run follow from its seed', () => {
  assert.deepEqual(scheduleOf(1, 60_000, RECOVERY_MS), scheduleOf(1, 60_000, RECOVERY_MS));
  assert.notDeepEqual(scheduleOf(1, 60_000, RECOVERY_MS), scheduleOf(2, 60_000, RECOVERY_MS));
});

test('a minute has every kind, a host suffers one at a time, and all are over in the end', () => {
  for (let seed = 0; seed < 200; seed++) {
    const troubles = scheduleOf(seed, 60_000, RECOVERY_MS);
    assert.deepEqual(new Set(troubles.map(({ kind }) => kind)), new Set(ALL_KINDS), `seed ${seed}`);
    const freeAt = new Map<string, number>();
    for (const { subject, atMs, untilMs } of troubles) {
      assert(atMs >= (freeAt.get(subject) ?? 0), `seed ${seed}: ${subject} suffers twice at ${atMs}`);
      freeAt.set(subject, untilMs + RECOVERY_MS);
    }
    assert(Math.max(...freeAt.values()) <= 60_000, `seed ${seed}`);
  }
});
