import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HistoryTrack, type Second } from './history-track.ts';

function second(active: number): Second {
  return { active, waiting: 0, connections: active * 2, rx: 0, tx: 0, errors: 0 };
}

function afterSeconds(count: number): HistoryTrack {
  const track = new HistoryTrack();
  for (let n = 0; n < count; n++) track.add(second(n), n * 1000);
  return track;
}

test('a point is the average of ten seconds; one that is not over is not told', () => {
  const { stepMs, at, active, connections } = afterSeconds(25).history();
  assert.deepEqual([stepMs, at], [10_000, 19_000]);
  assert.deepEqual(active, [4.5, 14.5]);
  assert.deepEqual(connections, [9, 29]);
});

test('without a whole step there is none', () => {
  assert.deepEqual(afterSeconds(9).history().rx, []);
});

test('an hour is kept, oldest first', () => {
  const { active } = afterSeconds(3600 + 20).history();
  assert.equal(active.length, 360);
  assert.deepEqual([active[0], active.at(-1)], [24.5, 3614.5]);
});
