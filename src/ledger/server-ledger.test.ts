import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CAUSE_CODES } from '../core/cause.ts';
import { type BackendTotals, HISTOGRAM_BOUNDS } from '../core/totals.ts';
import { BACKEND_COUNTERS, DROP_COUNTER, HELLO_COUNTER, MAX_SLOTS, SERVER_COUNTERS } from './layout.ts';
import { ServerLedger } from './server-ledger.ts';
import { ThreadLedger } from './thread-ledger.ts';

const NO_BACKEND = {
  active: 0,
  peak: 0,
  total: 0,
  refused: 0,
  retried: 0,
  rx: 0,
  tx: 0,
  rxDatagrams: 0,
  txDatagrams: 0,
};

/** `open` is for `reclaim` alone. */
const SERVER_COUNTS = SERVER_COUNTERS.filter((what) => what !== 'open');
const DROPS = Object.entries(DROP_COUNTER) as readonly [keyof typeof DROP_COUNTER, string][];
const HELLOS = Object.entries(HELLO_COUNTER) as readonly [keyof typeof HELLO_COUNTER, string][];
const BACKEND_COUNTS = BACKEND_COUNTERS.filter((what) => what !== 'open');

function threadsOf(ledger: ServerLedger, count: number): readonly ThreadLedger[] {
  return Array.from({ length: count }, (_, number) => new ThreadLedger(ledger.open(number)));
}

test('a new ledger and a new slot count nothing', () => {
  const ledger = new ServerLedger();
  const { causes, histograms, drops, hellos, ...totals } = ledger.serverTotals();
  assert.deepEqual(
    Object.keys(totals).sort(),
    [...SERVER_COUNTS, 'active', 'peak', 'connected', 'refused', 'rx', 'tx', 'rxDatagrams', 'txDatagrams']
      .filter((what) => !/^(?:dropped|hello)/.test(what))
      .sort(),
  );
  assert.deepEqual(Object.keys(causes), [...CAUSE_CODES]);
  for (const [name, bounds] of Object.entries(HISTOGRAM_BOUNDS)) {
    const counts = Array.from({ length: bounds.length + 1 }, () => 0);
    assert.deepEqual(histograms[name as keyof typeof HISTOGRAM_BOUNDS], { counts, sum: 0 });
  }
  assert.ok(
    [...Object.values(totals), ...Object.values(causes), ...Object.values(drops), ...Object.values(hellos)].every(
      (count) => count === 0,
    ),
  );
  assert.deepEqual(ledger.backendTotals(ledger.allocate()), NO_BACKEND);
});

test('every tally, cause and slot is a word of its own, summed over the threads', () => {
  const ledger = new ServerLedger();
  const slots = [ledger.allocate(), ledger.allocate()];
  const threads = threadsOf(ledger, 3);
  let amount = 0;
  for (const thread of threads) {
    for (const what of SERVER_COUNTS) thread.countServer(what, ++amount);
    for (const cause of CAUSE_CODES) thread.countCause(cause);
    for (const slot of slots) for (const what of BACKEND_COUNTS) thread.countBackend(slot, what, ++amount);
  }
  const perThread = SERVER_COUNTS.length + slots.length * BACKEND_COUNTS.length;
  const sum = (place: number) => 3 * place + perThread * (0 + 1 + 2);
  const { causes, active, connected, refused, rx, tx, drops, hellos, ...tallies } = ledger.serverTotals();
  const server = {
    ...tallies,
    ...Object.fromEntries(DROPS.map(([why, counter]) => [counter, drops[why]])),
    ...Object.fromEntries(HELLOS.map(([outcome, counter]) => [counter, hellos[outcome]])),
  };
  const [one, other] = slots.map((slot) => ledger.backendTotals(slot)) as [BackendTotals, BackendTotals];
  assert.deepEqual([active, rx, tx], [0, one.rx + other.rx, one.tx + other.tx]);
  assert.deepEqual([connected, refused], [one.total + other.total, one.refused + other.refused]);
  assert.deepEqual(
    SERVER_COUNTS.map((what) => (server as Record<string, unknown>)[what]),
    SERVER_COUNTS.map((_, index) => sum(index + 1)),
  );
  assert.ok(Object.values(causes).every((count) => count === 3));
  for (const [place, slot] of slots.entries()) {
    const totals = ledger.backendTotals(slot);
    const first = SERVER_COUNTS.length + place * BACKEND_COUNTS.length + 1;
    assert.deepEqual(
      BACKEND_COUNTS.map((what) => totals[what]),
      BACKEND_COUNTS.map((_, index) => sum(first + index)),
    );
  }
});

test('the same thread number opens the same memory, another one its own', () => {
  const ledger = new ServerLedger();
  assert.equal(ledger.open(1).counters, ledger.open(1).counters);
  assert.notEqual(ledger.open(1).counters, ledger.open(2).counters);
  assert.equal(ledger.open(1).words, ledger.open(2).words);
});

test('a released slot comes back with its totals at 0, and counts from there', () => {
  const ledger = new ServerLedger();
  const slot = ledger.allocate();
  const [one, other] = threadsOf(ledger, 2);
  one?.countBackend(slot, 'total', 5);
  other?.countBackend(slot, 'rx', 700);
  ledger.setRates(slot, 10, 20);
  ledger.release(slot);
  assert.equal(ledger.allocate(), slot);
  assert.deepEqual(ledger.backendTotals(slot), NO_BACKEND);
  assert.equal(one?.bandwidth(slot), 0);
  one.countBackend(slot, 'total', 1);
  other?.countBackend(slot, 'rx', 3);
  assert.deepEqual(ledger.backendTotals(slot), { ...NO_BACKEND, total: 1, rx: 3 });
});

test('what a server has by its backends stays when one leaves, and when its row is another one’s', () => {
  const ledger = new ServerLedger();
  const [gone] = [ledger.allocate(), ledger.allocate()];
  const [thread] = threadsOf(ledger, 1) as [ThreadLedger];
  const counted = () => {
    const { connected, refused, rx, tx } = ledger.serverTotals();
    return [connected, refused, rx, tx];
  };
  for (const [amount, what] of (['total', 'refused', 'rx', 'tx'] as const).entries()) {
    thread.countBackend(gone, what, amount + 1);
    thread.countBackend(1, what, 10);
  }
  ledger.release(gone);
  assert.deepEqual(counted(), [11, 12, 13, 14]);
  assert.equal(ledger.allocate(), gone);
  assert.deepEqual(counted(), [11, 12, 13, 14]);
  ledger.resetBackend(1);
  assert.deepEqual(counted(), [11, 12, 13, 14]);
  thread.countBackend(gone, 'total', 1);
  assert.deepEqual(counted(), [12, 12, 13, 14]);
  ledger.reset();
  assert.deepEqual(counted(), [0, 0, 0, 0]);
  thread.countBackend(gone, 'refused', 1);
  assert.deepEqual(counted(), [0, 1, 0, 0]);
});

test('growing keeps what was counted, and threads see it at the next refresh', () => {
  const ledger = new ServerLedger();
  const first = ledger.allocate();
  const dead = new ThreadLedger(ledger.open(7));
  dead.countServer('accepted', 5);
  dead.countBackend(first, 'rx', 9);
  ledger.reclaim(7, 7);
  const threads = threadsOf(ledger, 2);
  for (const thread of threads) {
    assert.ok(thread.enterServer(0));
    assert.ok(thread.enterBackend(first, 0));
    thread.countBackend(first, 'total', 1);
  }
  const slots = Array.from({ length: 3_000 }, () => ledger.allocate());
  assert.equal(new Set([first, ...slots]).size, 3_001);
  // Views of before the growth still count in the same words.
  for (const thread of threads) thread.countBackend(first, 'total', 1);
  for (const thread of threads) thread.refresh();
  for (const slot of slots) {
    for (const thread of threads) {
      assert.ok(thread.enterBackend(slot, 2));
      thread.countBackend(slot, 'tx', slot);
    }
    assert.ok(!threads[0]?.enterBackend(slot, 2));
  }
  for (const slot of slots) {
    assert.deepEqual(ledger.backendTotals(slot), { ...NO_BACKEND, active: 2, peak: 2, tx: 2 * slot });
  }
  assert.deepEqual(ledger.backendTotals(first), { ...NO_BACKEND, total: 4, rx: 9, active: 2, peak: 2 });
  assert.deepEqual([ledger.serverActive(), ledger.serverTotals().accepted], [2, 5]);
});

test('a ledger that is opened after it has grown has room for all', () => {
  const ledger = new ServerLedger();
  const slots = Array.from({ length: 40 }, () => ledger.allocate());
  const thread = new ThreadLedger(ledger.open(9));
  const last = slots.at(-1) ?? 0;
  assert.ok(thread.enterBackend(last, 1));
  assert.equal(ledger.backendTotals(last).active, 1);
});

test('there are as many slots as the layout says, and no more', () => {
  const ledger = new ServerLedger();
  for (let slot = 0; slot < MAX_SLOTS; slot++) ledger.allocate();
  assert.throws(() => ledger.allocate(), RangeError);
  new ThreadLedger(ledger.open(0)).enterBackend(MAX_SLOTS - 1, 0);
  ledger.reclaim(0, 0);
  assert.equal(ledger.active(MAX_SLOTS - 1), 0);
  ledger.release(7);
  assert.equal(ledger.allocate(), 7, 'a failed allocation has used up nothing');
});

test('reclaiming releases what a dead thread held and keeps what it had counted', () => {
  const ledger = new ServerLedger();
  const slots = Array.from({ length: 20 }, () => ledger.allocate());
  const [dead, alive] = threadsOf(ledger, 2) as [ThreadLedger, ThreadLedger];
  for (const thread of [dead, alive]) {
    for (const slot of slots) {
      thread.enterServer(0);
      thread.enterBackend(slot, 0);
      thread.countBackend(slot, 'total', 1);
      thread.countServer('accepted', 1);
      thread.countCause('--');
    }
  }
  ledger.reclaim(0, 0);
  ledger.reclaim(0, 0);
  ledger.reclaim(99, 99);
  const { active, accepted, causes } = ledger.serverTotals();
  assert.deepEqual({ active, accepted, ended: causes['--'] }, { active: 20, accepted: 40, ended: 40 });
  for (const slot of slots)
    assert.deepEqual(ledger.backendTotals(slot), { ...NO_BACKEND, total: 2, active: 1, peak: 2 });
  for (const slot of slots) {
    alive.leaveBackend(slot);
    alive.leaveServer();
  }
  assert.equal(ledger.serverTotals().active, 0);
  const [slot = 0] = slots;
  ledger.release(slot);
  ledger.allocate();
  assert.deepEqual(ledger.backendTotals(slot), NO_BACKEND, 'what a dead thread had counted is taken off, too');
});

test('a reset leaves what is going on as it is', () => {
  const ledger = new ServerLedger();
  const slot = ledger.allocate();
  const [dead, alive] = threadsOf(ledger, 2) as [ThreadLedger, ThreadLedger];
  for (const thread of [dead, alive]) {
    thread.enterServer(0);
    thread.enterBackend(slot, 0);
    thread.countServer('waiting', 1);
    thread.countServer('queued', 1);
  }
  ledger.reset();
  const { active, peak, waiting, queued } = ledger.serverTotals();
  assert.deepEqual({ active, peak, waiting, queued }, { active: 2, peak: 2, waiting: 2, queued: 0 });
  ledger.reclaim(0, 0);
  alive.countServer('waiting', -1);
  alive.leaveBackend(slot);
  alive.leaveServer();
  const after = ledger.serverTotals();
  assert.deepEqual([after.active, after.waiting, after.peak, ledger.active(slot)], [0, 0, 2, 0]);
});

test('rates are those of the slot, and reach every thread', () => {
  const ledger = new ServerLedger();
  const slots = [ledger.allocate(), ledger.allocate()] as const;
  const threads = threadsOf(ledger, 2);
  ledger.setRates(slots[0], 1_000, 24);
  ledger.setRates(slots[1], 0.5, 0);
  for (const thread of threads)
    assert.deepEqual(
      slots.map((slot) => thread.bandwidth(slot)),
      [1_024, 0.5],
    );
  ledger.setRates(slots[0], 0, 0);
  for (const thread of threads)
    assert.deepEqual(
      slots.map((slot) => thread.bandwidth(slot)),
      [0, 0.5],
    );
});
