import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LockSetup } from '../../test/helpers/processes/lock-worker.ts';
import { startThread, type TestThread } from '../../test/helpers/processes/test-thread.ts';
import { eventually } from '../../test/helpers/sockets/turns.ts';
import { SharedLock } from './shared-lock.ts';

const WORDS = 4;
const MAIN = 1;
const CONTENDED = 2 ** 30;

function memory(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT));
}

/** A thread that counts under the lock, and says whether it was alone at it. */
function counter(setup: LockSetup): TestThread<boolean> {
  return startThread('lock-worker', setup);
}

test('threads that count under the lock miss nothing, and are alone at it', async () => {
  const [parties, rounds] = [4, 50_000];
  const words = memory();
  const counters = Array.from({ length: parties }, (_, number) =>
    counter({ memory: words.buffer, owner: number + 2, rounds, parties }),
  );
  const wereAlone = await Promise.all(counters.map(({ report }) => report));
  assert.deepEqual(wereAlone, [true, true, true, true]);
  assert.deepEqual([...words], [0, parties * rounds, parties * rounds, parties]);
});

test('it names its holder', () => {
  const words = memory();
  const [one, other] = [new SharedLock(words, 0, 1), new SharedLock(words, 0, 2)];
  assert.equal(one.holder, 0);
  one.acquire();
  assert.deepEqual([one.holder, other.holder], [1, 1]);
  one.release();
  other.acquire();
  assert.equal(one.holder, 2);
});

test('patience ends when the holder keeps it, and a release after that does no harm', () => {
  const words = memory();
  const [one, other] = [new SharedLock(words, 0, 1), new SharedLock(words, 0, 2)];
  assert.ok(one.acquireWithin(0));
  assert.equal(other.acquireWithin(0), false);
  assert.equal(other.acquireWithin(1), false);
  assert.equal(one.holder, 1, 'the one who waits leaves the holder in the word');
  one.release();
  assert.ok(other.acquireWithin(0));
  other.release();
  assert.equal(words[0], 0);
});

test('threads that sleep for it are woken one after the other', async () => {
  const words = memory();
  const lock = new SharedLock(words, 0, MAIN);
  lock.acquire();
  const counters = [2, 3, 4].map((owner) => counter({ memory: words.buffer, owner, rounds: 1, parties: 3 }));
  await eventually(() => (words[0]! & CONTENDED) !== 0);
  lock.release();
  assert.deepEqual(await Promise.all(counters.map(({ report }) => report)), [true, true, true]);
  assert.deepEqual([words[0], words[1]], [0, 3]);
});

test('the lock of a dead holder can be freed, and a thread that sleeps for it goes on', async () => {
  const words = memory();
  new SharedLock(words, 0, 9).acquire();
  const { report } = counter({ memory: words.buffer, owner: 2, rounds: 1, parties: 1 });
  await eventually(() => (words[0]! & CONTENDED) !== 0);
  const lock = new SharedLock(words, 0, MAIN);
  assert.equal(lock.holder, 9);
  lock.free();
  assert.ok(await report);
  assert.deepEqual([words[0], words[1]], [0, 1]);
});

test('a thread that was woken and died before it took the lock leaves the others asleep until they are woken', async () => {
  const words = memory();
  const lock = new SharedLock(words, 0, MAIN);
  lock.acquire();
  const { report } = counter({ memory: words.buffer, owner: 2, rounds: 1, parties: 1 });
  await eventually(() => (words[0]! & CONTENDED) !== 0);
  // As if its one notification had gone to a thread that is no more.
  Atomics.store(words, 0, 0);
  lock.wake();
  assert.ok(await report);
});

test('a thread that sleeps for it can be ended', async () => {
  const words = memory();
  const lock = new SharedLock(words, 0, MAIN);
  lock.acquire();
  const { worker } = counter({ memory: words.buffer, owner: 2, rounds: 1, parties: 1 });
  await eventually(() => (words[0]! & CONTENDED) !== 0);
  await worker.terminate();
  lock.release();
  assert.ok(lock.acquireWithin(0));
});
