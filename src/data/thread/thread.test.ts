import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FakeEngine } from '../../../test/helpers/fakes/fake-engine.ts';
import { ledgerFor, LIMITS, snapshotOf } from '../../../test/helpers/rigs/frontend.ts';
import { ALLOW_ALL } from '../../access/rules.ts';
import type { ThreadReport, ServerSpec, ThreadSetup } from '../protocol/messages.ts';
import { queueWorkers } from '../protocol/queue-directory.ts';
import { threadCountersMemory, readThreadCounters } from '../protocol/thread-counters.ts';
import { DataThread } from './thread.ts';

const SETUP: Omit<ThreadSetup, 'counters'> = {
  number: 3,
  engine: 'net',
  debug: false,
  accessLog: undefined,
  descriptors: { shared: new SharedArrayBuffer(8), workers: new SharedArrayBuffer(8), held: new SharedArrayBuffer(4) },
  worker: { index: 0, wakers: new SharedArrayBuffer(4) },
  queue: { number: 0, workers: queueWorkers() },
  fdLedger: undefined,
};

function specOf(id: number, ports: readonly number[], rest: Partial<ServerSpec> = {}): ServerSpec {
  return {
    id,
    name: `server-${id}`,
    binds: ports.map((port) => ({ address: { ip: '127.0.0.1', port } })),
    engine: 'net',
    balance: 'roundrobin',
    access: ALLOW_ALL,
    limits: LIMITS,
    ledger: ledgerFor(2).open(0),
    snapshot: snapshotOf(1, [{}]),
    ...rest,
  };
}

/** A thread on an engine without sockets, and what it reported. */
function threading() {
  const engine = new FakeEngine();
  const reports: ThreadReport[] = [];
  const counters = threadCountersMemory();
  const thread = new DataThread(
    engine,
    () => 0,
    { ...SETUP, counters },
    (report) => reports.push(report),
  );

  /** What was reported since the last call, logs apart. */
  function reported(): readonly ThreadReport[] {
    return reports.splice(0).filter(({ type }) => type !== 'log');
  }

  function listenerAt(port: number) {
    const found = engine.listeners.findLast(({ bind }) => bind === `127.0.0.1:${port}`);
    if (found === undefined) throw new Error(`nobody listens at ${port}`);
    return found;
  }

  /** Replaces the servers, with every bind that it takes. */
  function become(...servers: readonly ServerSpec[]): void {
    const before = engine.listeners.length;
    thread.handle({ type: 'prepare', servers });
    for (const listener of engine.listeners.slice(before)) listener.opens();
    thread.handle({ type: 'commit', handedOver: [] });
    reported();
  }

  return { engine, thread, counters, reported, listenerAt, become };
}

describe('prepare', () => {
  test('is answered once, when every bind was opened or has failed', () => {
    const { thread, reported, listenerAt } = threading();
    thread.handle({ type: 'prepare', servers: [specOf(1, [81, 82]), specOf(2, [83])] });
    listenerAt(82).opens();
    listenerAt(81).fails(Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' }));
    assert.deepEqual(reported(), []);
    listenerAt(83).opens();
    assert.deepEqual(reported(), [
      {
        type: 'prepared',
        failures: [{ server: 'server-1', bind: '127.0.0.1:81', code: 'EADDRINUSE', reason: 'listen EADDRINUSE' }],
        listening: [
          { server: 'server-1', bind: '127.0.0.1:82', address: { ip: '127.0.0.1', port: 82 } },
          { server: 'server-2', bind: '127.0.0.1:83', address: { ip: '127.0.0.1', port: 83 } },
        ],
      },
    ]);
  });

  test('opens nothing twice', () => {
    const { thread, reported, become, engine } = threading();
    become(specOf(1, [81]));
    thread.handle({ type: 'prepare', servers: [specOf(1, [81]), specOf(2, [])] });
    assert.deepEqual(reported(), [{ type: 'prepared', failures: [], listening: [] }]);
    assert.equal(engine.listeners.length, 1);
  });
});

describe('rollback', () => {
  test('closes what was opened, cuts the clients that came in there, and leaves the rest as it was', () => {
    const { thread, become, listenerAt, reported } = threading();
    become(specOf(1, [81]));
    const changed = specOf(1, [81, 82], { limits: { ...LIMITS, maxConnections: 1 } });
    thread.handle({ type: 'prepare', servers: [changed, specOf(2, [83])] });
    listenerAt(82).opens();
    listenerAt(83).opens();
    const early = listenerAt(83).accepts();
    thread.handle({ type: 'rollback' });
    assert.deepEqual(
      [81, 82, 83].map((port) => listenerAt(port).isClosing),
      [false, true, true],
    );
    const last = listenerAt(83).accepts();
    reported();
    listenerAt(82).closes();
    assert.deepEqual(reported(), []);
    listenerAt(83).closes();
    assert.deepEqual(reported(), [{ type: 'settled' }]);
    assert.deepEqual([early.endedBy, last.endedBy], ['reset', 'reset']);
    listenerAt(81).accepts();
    assert.equal(listenerAt(81).accepts().state, 'dialling', 'the new limit is not in force');
    thread.handle({ type: 'commit', handedOver: [] });
    assert.equal(listenerAt(81).isClosing, false, 'nothing is left to commit');
  });
});

describe('commit', () => {
  test('changes a server in place, and tells from which snapshot it elects', () => {
    const { thread, become, listenerAt, reported } = threading();
    become(specOf(1, [81]));
    const limits = { ...LIMITS, maxConnections: 1 };
    thread.handle({ type: 'prepare', servers: [specOf(1, [81], { limits, snapshot: snapshotOf(4, [{}]) })] });
    reported();
    thread.handle({ type: 'commit', handedOver: [] });
    assert.deepEqual(reported(), [{ type: 'settled' }, { type: 'applied', server: 1, version: 4 }]);
    const pairs = [listenerAt(81).accepts(), listenerAt(81).accepts()];
    assert.deepEqual(
      pairs.map(({ state }) => state),
      ['dialling', 'ending'],
    );
  });

  test('gives a bind from one server to another without closing it', () => {
    const { become, listenerAt, engine } = threading();
    const ledger = ledgerFor(1);
    become(specOf(1, [81]));
    const old = listenerAt(81).accepts();
    become(specOf(2, [81], { ledger: ledger.open(0) }));
    assert.deepEqual([engine.listeners.length, listenerAt(81).isClosing], [1, false]);
    listenerAt(81).accepts();
    assert.equal(ledger.serverActive(), 1);
    assert.equal(old.endedBy, undefined, 'an accepted client stays');
  });

  test('lets a removed server drain, and tells when it is empty', () => {
    const { thread, become, listenerAt, reported } = threading();
    become(specOf(1, [81]), specOf(2, [82]));
    const pair = listenerAt(81).accepts();
    pair.connects();
    become(specOf(2, [82]));
    listenerAt(81).closes();
    assert.equal(pair.endedBy, undefined);
    assert.deepEqual(reported(), [{ type: 'settled' }]);
    thread.handle({ type: 'cut', server: 2 });
    thread.handle({ type: 'cut', server: 1 });
    assert.equal(pair.endedBy, 'reset');
    assert.deepEqual(reported(), []);
    pair.ends('cut');
    assert.deepEqual(reported(), [{ type: 'retired', server: 1 }]);
  });

  test('does not take a removed server for empty while waiting clients may come in', () => {
    const { become, listenerAt, reported } = threading();
    become(specOf(1, [81, 82]));
    become();
    assert.deepEqual(reported(), []);
    listenerAt(82).closes();
    const late = listenerAt(81).accepts();
    assert.deepEqual(reported(), [], 'its bind is still taken');
    listenerAt(81).closes();
    assert.deepEqual([late.state, reported()], ['dialling', [{ type: 'settled' }]]);
    late.ends('client-reset');
    assert.deepEqual(reported(), [{ type: 'retired', server: 1 }]);
  });

  test('cuts only what retires, not a server that is there', () => {
    const { thread, become, listenerAt } = threading();
    become(specOf(1, [81]));
    const pair = listenerAt(81).accepts();
    thread.handle({ type: 'cut', server: 1 });
    assert.equal(pair.endedBy, undefined);
  });
});

test('a snapshot reaches servers in force, prepared and retiring, and is answered in each case', () => {
  const { thread, become, listenerAt, reported } = threading();
  become(specOf(1, [81]));
  const pair = listenerAt(81).accepts();
  become(specOf(2, [81]));
  thread.handle({ type: 'prepare', servers: [specOf(2, [81]), specOf(3, [])] });
  reported();
  for (const server of [1, 2, 3, 99]) thread.handle({ type: 'snapshot', server, snapshot: snapshotOf(7, [{}, {}]) });
  assert.deepEqual(
    reported(),
    [1, 2, 3, 99].map((server) => ({ type: 'applied', server, version: 7 })),
  );
  pair.fails('refused');
  assert.equal(pair.dials.at(-1), '10.0.0.1:8001', 'the retiring one elects from the new list');
});

test('connections of servers in force, prepared and retiring are listed and killed, each once', () => {
  const { engine, thread, become, listenerAt, reported } = threading();
  become(specOf(1, [81]), specOf(2, [82]));
  const retiring = listenerAt(81).accepts();
  become(specOf(2, [82]));
  listenerAt(81).closes();
  const present = listenerAt(82).accepts();
  thread.handle({ type: 'prepare', servers: [specOf(2, [82]), specOf(3, [83])] });
  engine.listeners.at(-1)?.opens();
  const prepared = listenerAt(83).accepts();
  reported();
  thread.handle({ type: 'list', request: 7, query: { sort: 'age', limit: 2 } });
  const [answer, ...others] = reported();
  assert.ok(answer?.type === 'listed' && others.length === 0);
  assert.deepEqual(
    [answer.request, answer.list.total, answer.list.connections.map(({ id, server }) => `${id} ${server}`)],
    [7, 3, ['3-1 server-1', '3-2 server-2']],
  );
  thread.handle({ type: 'kill', request: 8, which: 2 });
  thread.handle({ type: 'kill', request: 9, which: 2 });
  thread.handle({ type: 'kill', request: 10, which: { server: 'server-4' } });
  thread.handle({ type: 'kill', request: 11, which: {} });
  assert.deepEqual(
    reported(),
    [1, 0, 0, 2].map((count, index) => ({ type: 'killed', request: 8 + index, count })),
  );
  for (const pair of [retiring, present, prepared]) assert.equal(pair.endedBy, 'reset');
});

test('a thread counts clients that come and go, over all its servers', () => {
  const { become, listenerAt, counters } = threading();
  become(specOf(1, [81]), specOf(2, [82]));
  const pairs = [listenerAt(81).accepts(), listenerAt(82).accepts(), listenerAt(82).accepts()];
  pairs[1]!.ends('client-reset');
  assert.deepEqual(readThreadCounters(counters), { connections: 2, accepted: 3 });
});

test('the access log and debugging follow what the control plane wants to see', () => {
  const { thread, become, listenerAt, reported } = threading();
  become(specOf(1, [81]));
  listenerAt(81).accepts().ends('client-reset');
  thread.flush();
  assert.deepEqual(reported(), []);
  thread.handle({ type: 'observe', debug: true, accessLog: 'text' });
  listenerAt(81).accepts().ends('client-reset');
  listenerAt(81).turnsAway('EMFILE');
  thread.flush();
  const [report, ...others] = reported();
  assert.deepEqual([report?.type, others], ['access', []]);
  assert.match(report?.type === 'access' ? report.lines : '', /^\S+ server=server-1 .* cause=CC .*\n$/);
});
