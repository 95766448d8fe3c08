import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WORKERS_ACCEPTING, WORKERS_WORDS } from '../../../core/descriptor-budget.ts';
import { Descriptors } from './descriptors.ts';
import { WorkerShare } from './worker-share.ts';

/** Threads of one engine, each with what it does for a client that comes and one that goes. */
function workersOf(size: number) {
  const shared = new SharedArrayBuffer(8);
  new Int32Array(shared)[1] = 1_000_000;
  const workers = new SharedArrayBuffer(WORKERS_WORDS * 4);
  new Int32Array(workers)[WORKERS_ACCEPTING] = size;
  return Array.from({ length: size }, () => {
    const budget = { shared, workers, held: new SharedArrayBuffer(4) };
    const descriptors = new Descriptors(budget);
    const share = new WorkerShare(budget);
    return {
      accepts(clients: number): void {
        for (let n = 0; n < clients; n++) {
          descriptors.claim();
          share.accepted();
        }
      },
      lose(clients: number): void {
        for (let n = 0; n < clients; n++) descriptors.release();
      },
      isAhead: (now = 0) => share.isAhead(now),
    };
  });
}

test('a thread with more than its share is ahead, until the others have as many', () => {
  const [one, other] = workersOf(2) as [ReturnType<typeof workersOf>[0], ReturnType<typeof workersOf>[0]];
  one.accepts(4);
  assert.deepEqual([one.isAhead(), other.isAhead()], [false, false], 'a few do not matter');
  one.accepts(1);
  assert.deepEqual([one.isAhead(), other.isAhead()], [true, false]);
  other.accepts(5);
  assert.deepEqual([one.isAhead(), other.isAhead()], [false, false]);
});

test('a thread alone is never ahead, nor one whose others are not there yet', () => {
  const [one] = workersOf(1) as [ReturnType<typeof workersOf>[0]];
  one.accepts(1000);
  assert.equal(one.isAhead(), false);
});

test('silent pairs do not keep a thread from its share of new ones', () => {
  const [one, other] = workersOf(2) as [ReturnType<typeof workersOf>[0], ReturnType<typeof workersOf>[0]];
  one.accepts(200);
  assert.equal(one.isAhead(0), true);
  assert.equal(one.isAhead(2000), false, 'what it accepted long ago');
  one.accepts(10);
  assert.equal(one.isAhead(2001), true);
  other.accepts(10);
  other.lose(10);
  assert.equal(one.isAhead(2002), false);
});

test('a thread that takes more and is done with them sooner is not ahead', () => {
  const [one, other] = workersOf(2) as [ReturnType<typeof workersOf>[0], ReturnType<typeof workersOf>[0]];
  other.accepts(20);
  one.accepts(60);
  one.lose(50);
  assert.deepEqual([one.isAhead(), other.isAhead()], [false, false]);
});
