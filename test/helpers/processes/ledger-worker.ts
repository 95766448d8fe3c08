import { parentPort, workerData } from 'node:worker_threads';

import type { LedgerMemory } from '../../../src/ledger/layout.ts';
import { ThreadLedger } from '../../../src/ledger/thread-ledger.ts';

export interface HammerSetup {
  readonly memory: LedgerMemory;
  /** Int32 words for the test alone: who is inside the backend, who is inside the server, who is ready. */
  readonly inside: SharedArrayBuffer;
  readonly slot: number;
  /** Of the backend and of the server. */
  readonly limit: number;
  readonly rounds: number;
  readonly parties: number;
}

export interface HammerReport {
  readonly entered: number;
  readonly refused: number;
  /** The most that this thread saw inside with it. */
  readonly mostInside: number;
}

const IN_BACKEND = 0;
const IN_SERVER = 1;
const READY = 2;

/** Enters and leaves as fast as it can, at the same time as the other threads. */
function hammer({ memory, inside, slot, limit, rounds, parties }: HammerSetup): HammerReport {
  const ledger = new ThreadLedger(memory);
  const words = new Int32Array(inside);
  const cursor = ledger.cursor(0);
  let [entered, refused, mostInside] = [0, 0, 0];
  waitForAll(words, parties);
  for (let round = 0; round < rounds; round++) {
    cursor.next();
    if (!ledger.enterServer(limit)) {
      refused += 1;
      continue;
    }
    mostInside = Math.max(mostInside, Atomics.add(words, IN_SERVER, 1) + 1);
    // Whoever is in the server has a place at the backend: the limit is the same.
    if (!ledger.enterBackend(slot, limit)) throw new Error('a free place was refused');
    mostInside = Math.max(mostInside, Atomics.add(words, IN_BACKEND, 1) + 1);
    ledger.countBackend(slot, 'total', 1);
    ledger.countBackend(slot, 'rx', 1);
    ledger.countServer('accepted', 1);
    entered += 1;
    Atomics.sub(words, IN_BACKEND, 1);
    ledger.leaveBackend(slot);
    Atomics.sub(words, IN_SERVER, 1);
    ledger.leaveServer();
  }
  return { entered, refused, mostInside };
}

function waitForAll(words: Int32Array, parties: number): void {
  Atomics.add(words, READY, 1);
  Atomics.notify(words, READY);
  for (let ready = Atomics.load(words, READY); ready < parties; ready = Atomics.load(words, READY)) {
    Atomics.wait(words, READY, ready);
  }
}

parentPort?.postMessage(hammer(workerData as HammerSetup));
