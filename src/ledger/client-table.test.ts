import assert from 'node:assert/strict';
import { test } from 'node:test';

import { scramble } from '../../test/helpers/models/scramble.ts';
import type { CrowdReport, CrowdSetup } from '../../test/helpers/processes/client-worker.ts';
import { READY, STOP, TRIES, seenBytes, startCrowd } from '../../test/helpers/processes/crowd.ts';
import { eventually } from '../../test/helpers/sockets/turns.ts';
import { LOCK, MAX_ENTRIES } from './client-layout.ts';
import { ClientTable } from './client-table.ts';
import { SharedLock } from './shared-lock.ts';
import { OVER_CLIENT_LIMIT, OVER_CLIENT_RATE, ThreadClients, type ClientRules } from './thread-clients.ts';

const RULES: ClientRules = { maxConnections: 3, maxWaiting: 2, rate: undefined, stickyMs: 1e9, prefixV6: 128 };
const NOW = 1_000;
const CONTENDED = 2 ** 30;

function enter(thread: ThreadClients, client: number): number {
  return thread.enter(Uint8Array.of(10, 0, 0, client), 4, NOW);
}

function threadOf(table: ClientTable, number: number, rules: Partial<ClientRules> = {}): ThreadClients {
  return new ThreadClients(table.open(number), { ...RULES, ...rules });
}

/** How many more connections, and waiting ones, each client may have. */
function roomLeft(table: ClientTable, clients: number): readonly [connections: number, waiting: number][] {
  const thread = threadOf(table, 1_000);
  return Array.from({ length: clients }, (_, client) => {
    const entries = Array.from({ length: 10 }, () => enter(thread, client)).filter((entry) => entry > 0);
    return [entries.length, entries.filter((entry) => thread.wait(entry)).length];
  });
}

test('a table has as many entries as asked for', () => {
  for (const entries of [0, -1, 1.5, NaN, MAX_ENTRIES + 1]) assert.throws(() => new ClientTable(entries), RangeError);
  for (const entries of [1, 2, 3, 64, 65]) {
    const table = new ClientTable(entries);
    const thread = threadOf(table, 0);
    const admitted = Array.from({ length: 100 }, (_, client) => enter(thread, client)).filter((entry) => entry > 0);
    assert.equal(new Set(admitted).size, entries);
    assert.deepEqual(table.totals(), { known: entries, connected: entries, evicted: 0, forgotten: 0 });
  }
});

test('the same thread number opens the same memory, another one its own', () => {
  const table = new ClientTable(4);
  assert.deepEqual(table.open(1), table.open(1));
  assert.equal(table.open(1).held, table.open(1).held);
  assert.notEqual(table.open(1).held, table.open(2).held);
  assert.notEqual(table.open(1).owner, table.open(2).owner);
  assert.equal(table.open(1).table, table.open(2).table);
});

test('reclaiming releases what a dead thread held, and nothing else', () => {
  const table = new ClientTable(4);
  const [dead, alive] = [threadOf(table, 0), threadOf(table, 1)];
  for (const client of [0, 1]) {
    for (const thread of [dead, alive]) thread.wait(enter(thread, client));
  }
  dead.stick(enter(dead, 2), { to: 7 }, NOW);
  for (const number of [0, 0, 99]) table.reclaim(number);
  assert.deepEqual(table.totals(), { known: 3, connected: 2, evicted: 0, forgotten: 0 });
  const entry = enter(alive, 2);
  assert.equal(alive.stuckTo(entry, NOW), 7, 'a client is still known');
  alive.leave(entry);
  assert.deepEqual(roomLeft(table, 3), [
    [2, 1],
    [2, 1],
    [3, 2],
  ]);
});

test('a thread that dies at work leaves a table that is put right', () => {
  const rate = { burst: 2, perMs: 0 };
  const table = new ClientTable(4);
  const alive = threadOf(table, 1, { rate });
  const entry = enter(alive, 0);
  alive.wait(entry);
  alive.stick(enter(alive, 1), { to: 7 }, NOW);
  const dead = threadOf(table, 0, { rate });
  for (const client of [0, 1, 2]) enter(dead, client);
  scramble(table.open(0));
  table.reclaim(0);
  assert.deepEqual(table.totals(), { known: 3, connected: 2, evicted: 0, forgotten: 0 });
  alive.leave(entry);
  alive.rules = RULES;
  assert.equal(alive.stuckTo(enter(alive, 1), NOW), 7, 'what a client sticks to is not lost');
  alive.rules = { ...RULES, rate };
  assert.deepEqual([enter(alive, 0), enter(alive, 2), enter(alive, 2)].map(Math.sign), [-1, 1, -1], 'nor its tokens');
});

test('a thread that waits for the lock of a dead one goes on once that is reclaimed', async () => {
  const table = new ClientTable(4);
  const words = new Int32Array(table.open(0).table);
  const seen = new SharedArrayBuffer(seenBytes(1));
  const setup = { memory: table.open(1), rules: RULES, seen, clients: 1, rounds: 1, parties: 1, isSeen: true };
  scramble(table.open(0));
  const { report } = startCrowd(setup);
  await eventually(() => (words[LOCK]! & CONTENDED) !== 0);
  table.reclaim(0);
  assert.deepEqual((await report).entered, [1]);
  assert.deepEqual(roomLeft(table, 1), [[3, 2]]);
});

test('a thread that cannot be reclaimed because another died with the lock is reclaimed with it', () => {
  const table = new ClientTable(4);
  const [first, second] = [threadOf(table, 0), threadOf(table, 1)];
  for (const thread of [first, second]) thread.wait(enter(thread, 0));
  scramble(table.open(1));
  table.reclaim(0);
  table.reclaim(1);
  assert.deepEqual(table.totals(), { known: 1, connected: 0, evicted: 0, forgotten: 0 });
  assert.deepEqual(roomLeft(table, 1), [[3, 2]]);
});

test('a thread that cannot be reclaimed because another keeps the lock is reclaimed when that lets go of it', () => {
  const table = new ClientTable(4);
  const thread = threadOf(table, 0);
  thread.wait(enter(thread, 0));
  const { table: memory, owner } = table.open(1);
  const keeper = new SharedLock(new Int32Array(memory), LOCK, owner);
  keeper.acquire();
  table.reclaim(0);
  assert.equal(table.totals().connected, 1);
  keeper.release();
  assert.equal(table.totals().connected, 0);
  assert.deepEqual(roomLeft(table, 1), [[3, 2]]);
});

const PARTIES = 4;
const CLIENTS = 3;
const ROUNDS = 30_000;

/** Several threads of one table at once. */
async function crowds(table: ClientTable, setup: Pick<CrowdSetup, 'rules' | 'clients'>): Promise<CrowdReport> {
  const seen = new SharedArrayBuffer(seenBytes(setup.clients));
  const reports = await Promise.all(
    Array.from({ length: PARTIES }, (_, number) =>
      startCrowd({ ...setup, memory: table.open(number), seen, rounds: ROUNDS, parties: PARTIES, isSeen: true }),
    ).map(({ report }) => report),
  );
  return reports.reduce((sum, report) => ({
    entered: sum.entered.map((count, client) => count + report.entered[client]!),
    overClientLimit: sum.overClientLimit + report.overClientLimit,
    overClientRate: sum.overClientRate + report.overClientRate,
    full: sum.full + report.full,
    mostInside: Math.max(sum.mostInside, report.mostInside),
    mostWaiting: Math.max(sum.mostWaiting, report.mostWaiting),
    strangers: sum.strangers + report.strangers,
  }));
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

test('real threads never pass a limit, never mix up clients and leave nothing behind', async () => {
  const table = new ClientTable(PARTIES * 2);
  const { entered, overClientLimit, ...report } = await crowds(table, { rules: RULES, clients: CLIENTS });
  assert.equal(total(entered) + overClientLimit, PARTIES * ROUNDS);
  assert.ok(report.mostInside <= RULES.maxConnections && report.mostWaiting <= RULES.maxWaiting);
  assert.deepEqual([report.overClientRate, report.full, report.strangers], [0, 0, 0]);
  assert.deepEqual(table.totals(), { known: CLIENTS, connected: 0, evicted: 0, forgotten: 0 });
  assert.deepEqual(roomLeft(table, CLIENTS), Array(CLIENTS).fill([3, 2]));
});

test('real threads take each token once', async () => {
  const burst = 1_000;
  const rules = { ...RULES, maxConnections: 0, rate: { burst, perMs: 0 } };
  const table = new ClientTable(PARTIES);
  const { entered, overClientRate } = await crowds(table, { rules, clients: CLIENTS });
  assert.deepEqual(entered, Array(CLIENTS).fill(burst));
  assert.equal(overClientRate, PARTIES * ROUNDS - CLIENTS * burst);
  assert.equal(enter(threadOf(table, 0, rules), 0), OVER_CLIENT_RATE);
});

test('real threads that take entries from each other never pass a limit and leave nothing behind', async () => {
  const clients = 40;
  const table = new ClientTable(PARTIES);
  const rules = { ...RULES, maxConnections: 1 };
  const { entered, overClientLimit, full, mostInside, strangers } = await crowds(table, { rules, clients });
  assert.equal(total(entered) + overClientLimit, PARTIES * ROUNDS);
  assert.deepEqual([full, strangers, mostInside], [0, 0, 1]);
  const { known, connected, evicted } = table.totals();
  assert.deepEqual([known, connected], [PARTIES, 0]);
  assert.ok(evicted > 0);
});

test('threads may be killed whenever: what they held is given back, and the others are right all along', async (t) => {
  const [clients, kills] = [8, 12];
  const table = new ClientTable(12);
  const seen = new SharedArrayBuffer(seenBytes(clients));
  const words = new Int32Array(seen);
  const crowd = (number: number, isSeen: boolean) =>
    startCrowd({
      ...{ memory: table.open(number), rules: { ...RULES, maxConnections: 2 }, seen, clients },
      ...{ rounds: Infinity, parties: 2, isSeen },
    });
  const survivors = [0, 1].map((number) => crowd(number, true));
  t.after(() => Promise.all(survivors.map(({ worker }) => worker.terminate())));
  for (let kill = 0; kill < kills; kill++) {
    const number = 2 + kill;
    const { worker } = crowd(number, false);
    await eventually(() => Atomics.load(words, READY) === 2 + kill + 1);
    const tries = Atomics.load(words, TRIES);
    await eventually(() => Atomics.load(words, TRIES) > tries + 1_000);
    await worker.terminate();
    table.reclaim(number);
  }
  Atomics.store(words, STOP, 1);
  for (const { report } of survivors) {
    const { mostInside, full, strangers } = await report;
    assert.deepEqual([mostInside <= 2, full, strangers], [true, 0, 0]);
  }
  assert.equal(table.totals().connected, 0);
  const thread = threadOf(table, 99, { maxConnections: 2 });
  for (let client = 0; client < clients; client++) {
    assert.deepEqual(
      [1, 2, 3].map(() => Math.sign(enter(thread, client))),
      [1, 1, Math.sign(OVER_CLIENT_LIMIT)],
    );
  }
});
