import { parentPort, workerData } from 'node:worker_threads';

import { SharedLock } from '../../../src/ledger/shared-lock.ts';
import { waitForAll } from './test-thread.ts';

export interface LockSetup {
  /** Int32 words: the lock, two counts that it guards, and how many threads are ready. */
  readonly memory: SharedArrayBuffer;
  readonly owner: number;
  readonly rounds: number;
  /** Threads that begin together. */
  readonly parties: number;
}

const [LOCK, ONE, OTHER, READY] = [0, 1, 2, 3];

/** Counts under the lock by plain reads and writes. @returns whether nobody else was seen at work */
function count({ memory, owner, rounds, parties }: LockSetup): boolean {
  const words = new Int32Array(memory);
  const lock = new SharedLock(words, LOCK, owner);
  let isAlone = true;
  waitForAll(words, READY, parties);
  for (let round = 0; round < rounds; round++) {
    lock.acquire();
    isAlone &&= words[ONE] === words[OTHER] && lock.holder === owner;
    words[ONE]! += 1;
    words[OTHER]! += 1;
    lock.release();
  }
  return isAlone;
}

parentPort?.postMessage(count(workerData as LockSetup));
