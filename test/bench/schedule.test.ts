import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Schedule } from '../../scripts/bench/ping/schedule.ts';

const ORDER = { port: 0, connections: 2, messageBytes: 4, perSecond: 1000, messages: 4, warmup: 0 };

function due(schedule: Schedule, now: number): readonly number[] {
  const connections: number[] = [];
  for (let next = schedule.nextDue(now); next !== undefined; next = schedule.nextDue(now)) connections.push(next);
  return connections;
}

test('messages are due by the clock, over the connections in turn, whatever was answered', () => {
  const schedule = new Schedule(ORDER, 100);
  assert.deepEqual(due(schedule, 99.9), []);
  assert.deepEqual(due(schedule, 100), [0]);
  assert.deepEqual(due(schedule, 102.5), [1, 0]);
  assert.deepEqual(due(schedule, 200), [1]);
  assert.deepEqual(due(schedule, 300), []);
});

test('an answer is late from the moment its message was due, not from when it was sent', () => {
  const schedule = new Schedule(ORDER, 0);
  due(schedule, 50);
  for (const connection of [0, 1]) schedule.received(connection, 8, 50);
  assert.ok(schedule.isDone);
  const { p50Us, p99Us, maxUs } = schedule.result();
  assert.deepEqual([p50Us, p99Us, maxUs], [48_000, 50_000, 50_000]);
});

test('an answer counts with its last byte', () => {
  const schedule = new Schedule({ ...ORDER, messages: 1 }, 0);
  due(schedule, 0);
  schedule.received(0, 3, 5);
  assert.equal(schedule.unanswered, 1);
  schedule.received(0, 1, 7);
  assert.equal(schedule.unanswered, 0);
  assert.equal(schedule.result().maxUs, 7000);
});

test('the messages of the warm-up are sent and answered, but not counted', () => {
  const schedule = new Schedule({ ...ORDER, messages: 2, warmup: 2 }, 0);
  assert.equal(due(schedule, 10).length, 4);
  schedule.received(0, 4, 1000);
  schedule.received(1, 4, 1000);
  assert.equal(schedule.unanswered, 2);
  schedule.received(0, 4, 3);
  schedule.received(1, 4, 3);
  assert.deepEqual([schedule.isDone, schedule.result().maxUs], [true, 1000]);
});
