import { parentPort, workerData } from 'node:worker_threads';

import { sharedOffsetMs } from '../../../src/core/shared-clock.ts';
import type { ClientMemory } from '../../../src/ledger/client-layout.ts';
import {
  FULL,
  OVER_CLIENT_LIMIT,
  OVER_CLIENT_RATE,
  ThreadClients,
  type ClientRules,
} from '../../../src/ledger/thread-clients.ts';
import { FIRST_SEEN, READY, STOP, TRIES } from './crowd.ts';
import { waitForAll } from './test-thread.ts';

export interface CrowdSetup {
  readonly memory: ClientMemory;
  readonly rules: ClientRules;
  /** What all can see, as crowd.ts lays it out. */
  readonly seen: SharedArrayBuffer;
  /** They are 10.0.0.0, 10.0.0.1, … */
  readonly clients: number;
  /** Tries; Infinity until the test says stop. */
  readonly rounds: number;
  /** Threads that begin together. */
  readonly parties: number;
  /** False for one that will die inside and take nothing back. */
  readonly isSeen: boolean;
}

export interface CrowdReport {
  /** By client. */
  readonly entered: readonly number[];
  readonly overClientLimit: number;
  readonly overClientRate: number;
  readonly full: number;
  /** The most that this thread saw inside with it, of one client. */
  readonly mostInside: number;
  readonly mostWaiting: number;
  /** How often a client's backend was neither the one that another thread may have given it nor none. */
  readonly strangers: number;
}

/** Comes and goes as one client after the other, as fast as it can. */
function crowd({ memory, rules, seen, clients, rounds, parties, isSeen }: CrowdSetup): CrowdReport {
  const table = new ThreadClients(memory, rules);
  const words = new Int32Array(seen);
  const offsetMs = sharedOffsetMs();
  const ip = Uint8Array.of(10, 0, 0, 0);
  const report = {
    entered: Array.from({ length: clients }, () => 0),
    ...{ overClientLimit: 0, overClientRate: 0, full: 0, mostInside: 0, mostWaiting: 0, strangers: 0 },
  };
  const one = isSeen ? 1 : 0;

  function stay(entry: number, client: number, nowMs: number): void {
    const [inside, waiting] = [FIRST_SEEN + 2 * client, FIRST_SEEN + 2 * client + 1];
    report.entered[client]! += 1;
    report.mostInside = Math.max(report.mostInside, Atomics.add(words, inside, one) + one);
    const serial = table.stuckTo(entry, nowMs);
    if (serial === 0) table.stick(entry, { to: client + 1 }, nowMs);
    else if (serial !== client + 1) report.strangers += 1;
    if (table.wait(entry)) {
      report.mostWaiting = Math.max(report.mostWaiting, Atomics.add(words, waiting, one) + one);
      Atomics.sub(words, waiting, one);
      table.stopWaiting(entry);
    }
    Atomics.sub(words, inside, one);
    table.leave(entry);
  }

  waitForAll(words, READY, parties);
  for (let round = 0; round < rounds && Atomics.load(words, STOP) === 0; round++) {
    const client = (round * 7 + memory.owner) % clients;
    ip[3] = client;
    const nowMs = performance.now() + offsetMs;
    const entry = table.enter(ip, 4, nowMs);
    Atomics.add(words, TRIES, 1);
    if (entry === OVER_CLIENT_LIMIT) report.overClientLimit += 1;
    else if (entry === OVER_CLIENT_RATE) report.overClientRate += 1;
    else if (entry === FULL) report.full += 1;
    else stay(entry, client, nowMs);
  }
  return report;
}

parentPort?.postMessage(crowd(workerData as CrowdSetup));
