import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AccessLine } from '../helpers/rigs/plane.ts';
import { Journal } from './journal.ts';
import { planOf, type Plan } from './plan.ts';

interface Visitor {
  readonly name: string;
  readonly plan: Plan;
  readonly startedAt: number;
  endedAt: number;
  readonly isClosed: boolean;
  readonly isHung: boolean;
}

/** A client that has ended. */
function visitor(index: number, name: string, startedAt: number, endedAt: number): Visitor {
  return { name, plan: planOf(1, index), startedAt, endedAt, isClosed: true, isHung: false };
}

/** A line that is known by its cause. */
function lineOf(cause: string, client: string, from: number, to: number): AccessLine {
  return {
    time: new Date(to).toISOString(),
    totalMs: to - from,
    server: 'web',
    client,
    backend: null,
    tried: [],
    cause,
    rxBytes: 0,
    txBytes: 0,
    queueMs: 0,
    connectMs: 0,
    serverActive: 0,
    backendActive: 0,
  };
}

/** A journal, and which client got which cause; `none` is a client without a line. */
function rig() {
  const pairs: string[] = [];
  const journal = new Journal<Visitor>((client, line) => {
    pairs.push(`${client.plan.index} ${line?.cause ?? 'none'}`);
    return { fate: undefined, fault: undefined };
  });
  return { journal, pairs };
}

const PORT = '10.0.0.1:4000';

test('a client and its line are brought together, whichever comes first', () => {
  const { journal, pairs } = rig();
  const [one, two] = [visitor(1, PORT, 1000, 1100), visitor(2, '10.0.0.1:4001', 1000, 1100)];
  journal.connected(one);
  journal.logged(lineOf('--', one.name, 1000, 1100));
  journal.ended(one);
  journal.logged(lineOf('CD', two.name, 1001, 1100));
  journal.connected(two);
  journal.ended(two);
  assert.deepEqual(pairs, ['1 --', '2 CD']);
});

test('a port that came back: a line that comes before its client does not go to the one that left', () => {
  const { journal, pairs } = rig();
  const [left, stayed] = [visitor(1, PORT, 1000, 1001), visitor(2, PORT, 4000, 4300)];
  journal.connected(left);
  journal.ended(left);
  journal.logged(lineOf('--', PORT, 4001, 4300));
  journal.connected(stayed);
  journal.ended(stayed);
  journal.close();
  assert.deepEqual(pairs, ['2 --', '1 none']);
});

test('a port that came back: two lines that come in the wrong order', () => {
  const { journal, pairs } = rig();
  const [one, two] = [visitor(1, PORT, 1000, 1002), visitor(2, PORT, 1002, 1010)];
  for (const client of [one, two]) {
    journal.connected(client);
    journal.ended(client);
  }
  // The balancer stood still, and noticed both at once.
  journal.logged(lineOf('--', PORT, 3001, 3010));
  journal.logged(lineOf('CD', PORT, 3000, 3020));
  journal.close();
  assert.deepEqual(pairs, ['1 CD', '2 --']);
});

test('a client that never noticed its connect has the line that ended with it', () => {
  const { journal, pairs } = rig();
  for (const client of [visitor(1, '', 1000, 1050), visitor(2, '', 1000, 1005)]) journal.ended(client);
  journal.logged(lineOf('CC', PORT, 1001, 1004));
  journal.close();
  assert.deepEqual(pairs, ['2 CC', '1 none']);
});

test('nor has it a line from another address than its own', () => {
  const { journal, pairs } = rig();
  const [one, two] = [visitor(1, '', 1000, 1005), visitor(2, '', 1000, 1050)];
  journal.ended({ ...one, plan: { ...one.plan, from: '127.0.0.1' } });
  journal.ended({ ...two, plan: { ...two.plan, from: '127.0.0.2' } });
  journal.logged(lineOf('CC', '127.0.0.2:4000', 1001, 1004));
  journal.close();
  assert.deepEqual(pairs, ['2 CC', '1 none']);
});

test('a line without an address is of a client that left before the accept', () => {
  const { journal, pairs } = rig();
  const one = visitor(1, PORT, 1000, 1001);
  journal.connected(one);
  journal.ended(one);
  journal.logged(lineOf('CC', '-', 1003, 1003));
  journal.close();
  assert.deepEqual([pairs, journal.faults], [['1 CC'], []]);
});

test('a line that nobody has is a fault', () => {
  const { journal } = rig();
  journal.logged(lineOf('--', PORT, 1000, 1100));
  journal.close();
  assert.match(journal.faults[0] ?? '', /^nobody's line: /);
});

test('a line without a client is of a connect that failed at that time, of each one once', () => {
  const { journal } = rig();
  journal.unconnected(1_000);
  for (const from of [1_002, 1_003]) journal.logged(lineOf('CC', '-', from, from));
  journal.close();
  assert.equal(journal.faultCount, 1);
});

test('lines without an address leave no client behind, however near the next one is', () => {
  const { journal } = rig();
  const times = Array.from({ length: 600 }, (_, index) => 1_000 + index * 60);
  times.forEach((at, index) => {
    const client = visitor(index, `10.0.0.1:${4_000 + index}`, at, at + 10);
    journal.connected(client);
    journal.ended(client);
    journal.logged(lineOf('CC', '-', at + 50, at + 50));
  });
  journal.close();
  assert.deepEqual(journal.faults, []);
});
