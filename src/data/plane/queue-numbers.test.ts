import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EngineKind } from '../engines/registry.ts';
import { MOST_QUEUES, QueueWords, queueMemory } from '../../ledger/queue-words.ts';
import { QueueDirectory, type QueueAssignment } from '../protocol/queue-directory.ts';
import { QueueNumbers } from './queue-numbers.ts';

/** The two that there are, and one that is still to be written. */
const ENGINES = ['epoll', 'net', 'uring'] as readonly string[] as readonly EngineKind[];
/** As many as a configuration allows of each engine. */
const MOST_THREADS = 256;

interface Started {
  readonly engine: EngineKind;
  readonly worker: number;
  readonly queue: QueueAssignment;
}

function startAll(numbers: QueueNumbers, threads: number): Started[] {
  const taken = new Set<number>();
  const started: Started[] = [];
  for (let worker = 0; worker < threads; worker++) {
    for (const engine of ENGINES) {
      const queue = numbers.assign(engine, worker, taken);
      taken.add(queue.number);
      started.push({ engine, worker, queue });
    }
  }
  return started;
}

test('threads of a third engine have queues of their own', () => {
  const started = startAll(new QueueNumbers(), MOST_THREADS);
  const numbers = started.map(({ queue }) => queue.number);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index),
  );
  // The turn of each thread is its own, whichever other threads have clients that wait.
  const memory = queueMemory();
  const words = numbers.map((number) => new QueueWords(memory, number));
  const tickets = words.map((own) => own.enter(0));
  for (const [index, own] of words.entries()) own.setFirst(tickets[index]!);
  for (const own of words) {
    assert.equal(own.queueInTurn(), own.queue);
    own.setFirst(0);
  }
});

test('a thread finds the workers of its own engine by their queues, and no others', () => {
  const started = startAll(new QueueNumbers(), 3);
  for (const { engine, queue } of started) {
    const directory = new QueueDirectory(queue);
    assert.equal(directory.own, queue.number);
    for (const other of started) {
      const found = other.engine === engine ? other.worker : undefined;
      assert.equal(directory.workerOf(other.queue.number), found, `${engine} asks for a queue of ${other.engine}`);
    }
    assert.equal(directory.workerOf(started.length), undefined);
  }
});

test('the number of a thread that died goes to the next one, of whichever engine, and its old engine forgets it', () => {
  const numbers = new QueueNumbers();
  const [first, second] = startAll(numbers, 1);
  const taken = new Set([0, 2]);
  assert.equal(new QueueDirectory(second!.queue).workerOf(1), 0);
  const next = numbers.assign('epoll', 1, taken);
  assert.equal(next.number, 1);
  assert.equal(new QueueDirectory(second!.queue).workerOf(1), undefined);
  assert.equal(new QueueDirectory(first!.queue).workerOf(1), 1);
});

test('as many threads as a server has queues may live, and no more', () => {
  const numbers = new QueueNumbers();
  assert.ok(ENGINES.length * MOST_THREADS <= MOST_QUEUES);
  const taken = new Set(Array.from({ length: MOST_QUEUES - 1 }, (_, number) => number));
  const last = numbers.assign('net', 0, taken);
  assert.equal(new QueueDirectory(last).workerOf(MOST_QUEUES - 1), 0);
  assert.throws(() => numbers.assign('net', 1, new Set([...taken, last.number])), RangeError);
});
