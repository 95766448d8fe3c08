import assert from 'node:assert/strict';
import { extname } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import fc from 'fast-check';

import type { HammerReport, HammerSetup } from '../../test/helpers/processes/ledger-worker.ts';
import { MAX_CURSORS, MAX_SLOTS } from './layout.ts';
import { ServerLedger } from './server-ledger.ts';
import { ThreadLedger } from './thread-ledger.ts';

interface Step {
  readonly thread: number;
  /** 0 is the server, others are backends. */
  readonly place: number;
  readonly isEnter: boolean;
}

const PLACES = 3;
const THREADS = 3;
const steps = fc.array(
  fc.record<Step>({ thread: fc.nat(THREADS - 1), place: fc.nat(PLACES - 1), isEnter: fc.boolean() }),
  { minLength: 1, maxLength: 200 },
);
const limits = fc.array(fc.nat(5), { minLength: PLACES, maxLength: PLACES });

/** What one thread does at one place, be it the server or a backend. */
function acts(thread: ThreadLedger, place: number, limit: number) {
  if (place === 0) return { enter: () => thread.enterServer(limit), leave: () => thread.leaveServer() };
  return { enter: () => thread.enterBackend(place - 1, limit), leave: () => thread.leaveBackend(place - 1) };
}

test('whatever threads do in whatever order, limits hold exactly and the counts are those of a model', () => {
  fc.assert(
    fc.property(steps, limits, (sequence, most) => {
      const ledger = new ServerLedger();
      for (let place = 1; place < PLACES; place++) ledger.allocate();
      const threads = Array.from({ length: THREADS }, (_, number) => new ThreadLedger(ledger.open(number)));
      const held = threads.map(() => Array.from({ length: PLACES }, () => 0));
      const sumAt = (place: number) => held.reduce((sum, own) => sum + (own[place] ?? 0), 0);
      for (const { thread, place, isEnter } of sequence) {
        const limit = most[place] ?? 0;
        const own = held[thread]!;
        const act = acts(threads[thread]!, place, limit);
        if (isEnter) {
          const isFree = limit === 0 || sumAt(place) < limit;
          assert.equal(act.enter(), isFree);
          if (isFree) own[place]! += 1;
        } else if (own[place]! > 0) {
          act.leave();
          own[place]! -= 1;
        }
        for (const seen of threads)
          assert.equal(place === 0 ? seen.serverActive() : seen.active(place - 1), sumAt(place));
      }
      // Each has counted what it holds: when all are reclaimed, nothing is held.
      for (const dead of threads.keys()) {
        for (let slot = 0; slot < PLACES - 1; slot++) assert.equal(ledger.active(slot), sumAt(slot + 1));
        assert.equal(ledger.serverActive(), sumAt(0));
        ledger.reclaim(dead, dead);
        held[dead]!.fill(0);
      }
      assert.deepEqual([ledger.serverActive(), ledger.active(0), ledger.active(1)], [0, 0, 0]);
    }),
  );
});

test('a limit lowered below the places held lets no connection in until enough have left', () => {
  const ledger = new ServerLedger();
  const thread = new ThreadLedger(ledger.open(0));
  for (let i = 0; i < 5; i++) assert.ok(thread.enterServer(0));
  assert.ok(!thread.enterServer(2));
  for (let i = 0; i < 3; i++) thread.leaveServer();
  assert.ok(!thread.enterServer(2));
  thread.leaveServer();
  assert.ok(thread.enterServer(2));
});

test('a cursor is shared by all threads, and wraps', () => {
  const ledger = new ServerLedger();
  const [one, other] = [0, 1].map((number) => new ThreadLedger(ledger.open(number)).cursor(3));
  assert.deepEqual([one?.next(), other?.next(), one?.next()], [0, 1, 2]);
  const thread = new ThreadLedger(ledger.open(2));
  const cursors = new Int32Array(ledger.open(2).cursors);
  cursors[0] = -1;
  assert.deepEqual([thread.cursor(0).next(), thread.cursor(0).next()], [2 ** 32 - 1, 0]);
  cursors[0] = 2 ** 31 - 1;
  assert.deepEqual([thread.cursor(0).next(), thread.cursor(0).next()], [2 ** 31 - 1, 2 ** 31]);
  assert.deepEqual([thread.cursor(1).next(), thread.cursor(3).next()], [0, 3], 'a cursor that wraps touches no other');
});

test('there are as many cursors as backends, each one for itself, and more for lists that share backends', () => {
  const ledger = new ServerLedger();
  const thread = new ThreadLedger(ledger.open(0));
  const before = thread.cursor(0);
  before.next();
  for (let slot = 0; slot < MAX_SLOTS; slot++) ledger.allocate();
  thread.refresh();
  const firsts = Array.from({ length: MAX_SLOTS }, (_, number) => thread.cursor(number).next());
  assert.ok(firsts.every((first, number) => first === (number === 0 ? 1 : 0)));
  assert.equal(before.next(), 2, 'one of before the memory grew counts on');
  const other = new ThreadLedger(ledger.open(1));
  assert.deepEqual(
    [MAX_SLOTS, MAX_CURSORS - 1].map((number) => thread.cursor(number).next()),
    [0, 0],
  );
  assert.deepEqual([other.cursor(MAX_CURSORS - 1).next(), other.cursor(2 * MAX_CURSORS).next()], [1, 3]);
  assert.equal(ledger.serverActive(), 0);
});

test('of all threads one is told that a backend fails, and one that it recovers', () => {
  const ledger = new ServerLedger();
  const slot = ledger.allocate();
  const [one, other] = [new ThreadLedger(ledger.open(0)), new ThreadLedger(ledger.open(1))];
  assert.equal(one.recovers(slot), false);
  assert.deepEqual([one.fails(slot), other.fails(slot), one.fails(slot)], [true, false, false]);
  assert.deepEqual([other.recovers(slot), one.recovers(slot)], [true, false]);
  assert.equal(other.fails(slot), true);
});

test('a new backend has not failed, whichever backend had its row before', () => {
  const ledger = new ServerLedger();
  const thread = new ThreadLedger(ledger.open(0));
  const slot = ledger.allocate();
  thread.fails(slot);
  ledger.release(slot);
  assert.equal(ledger.allocate(), slot);
  assert.equal(thread.recovers(slot), false);
});

const HAMMERS = 4;
const LIMIT = 3;
const ROUNDS = 20_000;

test('real threads at one limit never pass it and leave nothing behind', async () => {
  const ledger = new ServerLedger();
  const slot = ledger.allocate();
  const inside = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT);
  const reports = await Promise.all(
    Array.from({ length: HAMMERS }, (_, number) =>
      hammer({ memory: ledger.open(number), inside, slot, limit: LIMIT, rounds: ROUNDS, parties: HAMMERS }),
    ),
  );
  assert.ok(
    reports.every(({ mostInside }) => mostInside <= LIMIT),
    JSON.stringify(reports),
  );
  const entered = reports.reduce((sum, report) => sum + report.entered, 0);
  const refused = reports.reduce((sum, report) => sum + report.refused, 0);
  assert.equal(entered + refused, HAMMERS * ROUNDS);
  assert.ok(entered > 0);
  const { active, peak: backendPeak, total } = ledger.backendTotals(slot);
  assert.deepEqual({ active, total }, { active: 0, total: entered });
  const mostSeen = Math.max(...reports.map(({ mostInside }) => mostInside));
  const { peak } = ledger.serverTotals();
  assert.ok(peak >= mostSeen && peak <= LIMIT, `${peak} is not from ${mostSeen} to ${LIMIT}`);
  assert.ok(backendPeak > 0 && backendPeak <= peak, `${backendPeak} of ${peak}`);
  assert.deepEqual([ledger.serverActive(), ledger.serverTotals().accepted], [0, entered]);
  // Each number of the shared cursor was given out once.
  const turns = new ThreadLedger(ledger.open(0)).cursor(0).next();
  assert.equal(turns, HAMMERS * ROUNDS);
});

async function hammer(setup: HammerSetup): Promise<HammerReport> {
  const entry = new URL(`../../test/helpers/processes/ledger-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(entry, { workerData: setup });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
