import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { FakeEngine, FakePair } from '../../../test/helpers/fakes/fake-engine.ts';
import { fronting, ledgerFor, LIMITS, snapshotOf, type FrontingOptions } from '../../../test/helpers/rigs/frontend.ts';
import { ClientTable } from '../../ledger/client-table.ts';
import { QueueDirectory, queueWorkers, setQueueWorker } from '../protocol/queue-directory.ts';

const QUEUE = { ...LIMITS.queue, timeoutMs: 1_000 };
const ONE = { backends: [{ maxConnections: 1 }], limits: { queue: QUEUE } } satisfies FrontingOptions;

function states(pairs: readonly FakePair[]): readonly string[] {
  return pairs.map(({ state }) => state);
}

/** Several clients, one after the other. */
function crowd(front: ReturnType<typeof fronting>, count: number, ip?: string): readonly FakePair[] {
  return Array.from({ length: count }, () => front.accept(new FakePair(ip)));
}

function gauges(front: ReturnType<typeof fronting>) {
  const { active, waiting, queued } = front.ledger.serverTotals();
  return { active, waiting, queued };
}

describe('when every backend is full', () => {
  test('clients wait, and are served in order, each as one leaves', () => {
    const front = fronting(ONE);
    const [first, second, third] = crowd(front, 3) as [FakePair, FakePair, FakePair];
    assert.deepEqual(states([first, second, third]), ['dialling', 'waiting', 'waiting']);
    assert.deepEqual(gauges(front), { active: 3, waiting: 2, queued: 2 });
    front.clock.advance(300);
    first.connects();
    first.ends('finished', true);
    assert.deepEqual(states([second, third]), ['dialling', 'waiting']);
    second.ends('client-reset');
    assert.deepEqual(states([third]), ['dialling']);
    third.connects();
    third.ends('finished', true);
    assert.deepEqual(gauges(front), { active: 0, waiting: 0, queued: 2 });
    assert.deepEqual(
      front.entries().map(({ cause, queueMs }) => [cause, queueMs]),
      [
        ['--', 0],
        ['CC', 300],
        ['--', 300],
      ],
    );
  });

  test('one that waits too long is closed with sQ, at the timeout and not before', () => {
    const front = fronting(ONE);
    const [holder] = crowd(front, 1);
    front.clock.advance(500);
    const late = front.accept();
    front.clock.advance(400);
    const later = front.accept();
    front.clock.advance(599);
    assert.deepEqual(states([late, later]), ['waiting', 'waiting']);
    front.clock.advance(51);
    assert.deepEqual(states([late, later]), ['ending', 'waiting']);
    late.ends('cut');
    const [entry] = front.entries();
    assert.equal(entry?.cause, 'sQ');
    assert.ok(entry.queueMs >= 1_000 && entry.queueMs <= 1_050, String(entry.queueMs));
    holder?.ends('client-reset');
    assert.equal(later.state, 'dialling', 'the next in turn');
    assert.deepEqual(front.ledger.serverTotals().noBackend, 1);
  });

  test('one that leaves makes room, CQ; one that is cut, KQ; no timer runs when no client waits', () => {
    const front = fronting({ ...ONE, limits: { queue: { ...QUEUE, size: 1 } } });
    const [, waits, tooMany] = crowd(front, 3) as [FakePair, FakePair, FakePair];
    assert.deepEqual([waits.state, tooMany.state, tooMany.endedBy], ['waiting', 'ending', 'close']);
    tooMany.ends('cut');
    front.clock.advance(30);
    waits.ends('client-reset');
    const other = front.accept();
    assert.equal(other.state, 'waiting');
    front.clock.advance(40);
    front.frontend.cut();
    front.clock.advance(5);
    other.ends('cut');
    assert.deepEqual(
      front.entries().map(({ cause, queueMs, connectMs }) => [cause, queueMs, connectMs]),
      [
        ['PQ', 0, 0],
        ['CQ', 30, 0],
        ['KQ', 40, 5],
      ],
    );
    assert.equal(front.ledger.serverTotals().histograms.queue.sum, 0.07);
    assert.equal(gauges(front).waiting, 0);
    front.entries(); // the access log's timer goes once it has nothing more
    front.clock.advance(1_000);
    assert.equal(front.clock.timers, 0);
  });

  test('without a queue it is closed at once', () => {
    const front = fronting({ backends: ONE.backends });
    const [, second] = crowd(front, 2);
    assert.equal(second?.endedBy, 'close');
  });

  test('one address cannot fill the queue', () => {
    const front = fronting({
      ...ONE,
      limits: { queue: { ...QUEUE, perClient: 2 } },
      clients: new ClientTable(64),
    });
    const greedy = crowd(front, 5, '192.0.2.7');
    assert.deepEqual(states(greedy), ['dialling', 'waiting', 'waiting', 'ending', 'ending']);
    const modest = front.accept(new FakePair('192.0.2.8'));
    assert.equal(modest.state, 'waiting');
    greedy[1]?.ends('client-reset');
    assert.equal(front.accept(new FakePair('192.0.2.7')).state, 'waiting');
  });

  test('a retry waits for the backend that was full, not for the one that refused it', () => {
    const front = fronting({ ...ONE, backends: [{}, { maxConnections: 1, priority: 2 }] });
    const [first, second] = crowd(front, 2) as [FakePair, FakePair];
    first.fails('refused');
    assert.deepEqual(first.dials, ['10.0.0.1:8000', '10.0.0.1:8001']);
    second.fails('refused');
    assert.equal(second.state, 'waiting');
    first.connects();
    first.ends('finished', true);
    assert.deepEqual([second.state, second.dials.at(-1)], ['dialling', '10.0.0.1:8001']);
  });
});

test('a retry that waits asks the one that refused it again, holds up no other by that, and keeps its place', () => {
  const front = fronting({
    ...ONE,
    backends: [{}, { maxConnections: 1, priority: 2 }],
    limits: { queue: { ...QUEUE, timeoutMs: 60_000 }, retries: 1 },
  });
  const [first, second] = crowd(front, 2) as [FakePair, FakePair];
  first.fails('refused');
  second.fails('refused');
  const behind = front.accept();
  front.clock.advance(950);
  assert.deepEqual(states([first, second, behind]), ['dialling', 'waiting', 'waiting']);
  for (let times = 0; times < 5; times++) {
    front.clock.advance(1_100);
    assert.deepEqual([second.state, second.dials.at(-1)], ['dialling', '10.0.0.1:8000'], 'not counted as a retry');
    if (times === 0) assert.equal(behind.dials.at(-1), '10.0.0.1:8000');
    second.fails('refused');
    if (times === 0) behind.fails('refused');
    assert.deepEqual(states([second]), ['waiting']);
  }
  behind.ends('client-reset');
  const last = front.accept();
  first.connects();
  first.ends('finished', true);
  assert.deepEqual([second.dials.at(-1), last.state], ['10.0.0.1:8001', 'dialling']);
  second.connects();
  second.ends('finished', true);
  assert.ok((front.entries().at(-1)?.queueMs ?? 0) > 6_000);
  assert.deepEqual([front.ledger.serverTotals().queued, front.ledger.serverTotals().waiting], [3, 0]);
});

test('the time in the queue counts from the first wait on', () => {
  const front = fronting({
    ...ONE,
    backends: [{}, { maxConnections: 1, priority: 2 }],
    limits: { queue: { ...QUEUE, timeoutMs: 3_000 } },
  });
  const [first, second] = crowd(front, 2) as [FakePair, FakePair];
  first.fails('refused');
  for (let times = 0; times < 3; times++) {
    second.fails('refused');
    front.clock.advance(1_050);
  }
  assert.equal(second.endedBy, 'close');
});

test('a retry that waits may go to the backend that has the row of the one that refused it', () => {
  const front = fronting({ ...ONE, backends: [{}, { maxConnections: 1, priority: 2 }] });
  const [first, second] = crowd(front, 2) as [FakePair, FakePair];
  first.fails('refused');
  second.fails('refused');
  assert.equal(second.state, 'waiting');
  const [gone, full] = snapshotOf(2, [{}, { maxConnections: 1, priority: 2 }]).backends;
  front.frontend.apply({ version: 2, backends: [full!] });
  assert.equal(second.state, 'waiting');
  front.ledger.release(0);
  assert.equal(front.ledger.allocate(), 0);
  front.frontend.apply({ version: 3, backends: [{ ...gone!, key: 'n0:80', serial: 10 }, full!] });
  assert.deepEqual([second.state, second.dials.at(-1)], ['dialling', '10.0.0.1:8000']);
});

describe('when no backend is up', () => {
  const DOWN = { backends: [], limits: { queue: QUEUE } } satisfies FrontingOptions;

  test('clients are closed at once, unless queue_when_down', () => {
    const front = fronting(DOWN);
    const pair = front.accept();
    pair.ends('cut');
    assert.equal(front.entries()[0]?.cause, 'SC');
  });

  test('nor do those that waited already go on waiting', () => {
    const front = fronting(ONE);
    const [holder, waits, behind] = crowd(front, 3) as [FakePair, FakePair, FakePair];
    front.frontend.apply({ version: 2, backends: [] });
    assert.deepEqual(states([holder, waits, behind]), ['dialling', 'ending', 'ending']);
    waits.ends('cut');
    assert.deepEqual([front.entries()[0]?.cause, front.ledger.serverTotals().waiting], ['SC', 0]);
  });

  test('with it they wait, and the first backend back gets no more than its limit', () => {
    const front = fronting({ ...DOWN, limits: { queue: { ...QUEUE, whenDown: true } }, ledger: ledgerFor(1) });
    const pairs = crowd(front, 4);
    assert.deepEqual(states(pairs), Array(4).fill('waiting'));
    front.frontend.apply(snapshotOf(2, [{ maxConnections: 2 }]));
    assert.deepEqual(states(pairs), ['dialling', 'dialling', 'waiting', 'waiting']);
  });
});

describe('clients of two threads', () => {
  /** Two threads of one server, each with its index. */
  function two(options: FrontingOptions) {
    const ledger = ledgerFor(options.backends?.length ?? 1);
    const board = new Map<number, () => void>();
    const first = new FakeEngine(undefined, 0, board);
    const fronts = [first, new FakeEngine(first.clock, 1, board)].map((engine, thread) => {
      const front = fronting({ ...options, ledger, thread, engine });
      engine.calls.onCall(() => front.frontend.queue.serve());
      return front;
    });
    return fronts as [ReturnType<typeof fronting>, ReturnType<typeof fronting>];
  }

  test('are served in the order in which they came, whichever thread they are on', () => {
    const [one, other] = two(ONE);
    const holder = one.accept();
    const pairs = [other.accept(), one.accept(), one.accept(), other.accept()];
    for (const [at, pair] of [holder, ...pairs].entries()) {
      assert.equal(pair.state, 'dialling');
      assert.deepEqual(states(pairs.slice(at)), Array(pairs.length - at).fill('waiting'));
      pair.connects();
      pair.ends('finished', true);
    }
  });

  test('that come while a place is free go behind the one that was called to it', () => {
    const [one, other] = two(ONE);
    const holder = one.accept();
    const called = other.accept();
    let calls = 0;
    other.engine.calls.onCall(() => (calls += 1));
    holder.ends('client-reset');
    const newcomer = one.accept();
    assert.deepEqual([calls > 0, called.state, newcomer.state], [true, 'waiting', 'waiting']);
    other.frontend.queue.serve();
    assert.deepEqual([called.state, newcomer.state], ['dialling', 'waiting']);
  });

  test('on engines that cannot call each other are looked for by their own thread, in the order in which they came', () => {
    const ledger = ledgerFor(1);
    const clock = new FakeClock(1_000);
    let calls = 0;
    const [one, other] = [0, 1].map((number) => {
      const engine = new FakeEngine(clock);
      engine.calls.onCall(() => (calls += 1));
      const workers = queueWorkers();
      setQueueWorker(workers, number, engine.calls.workerIndex);
      return fronting({ ...ONE, ledger, thread: number, engine, queues: new QueueDirectory({ number, workers }) });
    }) as [ReturnType<typeof fronting>, ReturnType<typeof fronting>];
    const holder = one.accept();
    const [first, second] = [other.accept(), one.accept()];
    holder.ends('client-reset');
    assert.deepEqual(states([first, second]), ['waiting', 'waiting']);
    clock.advance(50);
    assert.deepEqual(states([first, second]), ['dialling', 'waiting']);
    first.ends('client-reset');
    assert.equal(second.state, 'waiting');
    clock.advance(50);
    assert.equal(second.state, 'dialling');
    assert.equal(calls, 0);
  });

  test('of a thread that died are gone, and the others are served', () => {
    const [one, other] = two(ONE);
    const holder = one.accept();
    other.accept();
    const next = one.accept();
    other.ledger.reclaim(1, 1);
    holder.ends('client-reset');
    assert.equal(next.state, 'dialling');
    assert.equal(one.ledger.serverTotals().waiting, 0);
  });
});
