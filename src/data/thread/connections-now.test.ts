import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { clientFilter } from '../../../test/helpers/fakes/client-filter.ts';
import { FakePair } from '../../../test/helpers/fakes/fake-engine.ts';
import { fronting, LIMITS } from '../../../test/helpers/rigs/frontend.ts';
import type { ConnectionQuery } from '../../core/connection-list.ts';
import { ConnectionsNow } from './connections-now.ts';

const ALL: ConnectionQuery = { sort: 'age', limit: 1_000 };
const QUEUE = { ...LIMITS.queue, timeoutMs: 60_000 };

/** One backend with room for two, and a queue. */
function desk() {
  const front = fronting({ backends: [{ maxConnections: 2 }], limits: { queue: QUEUE } });
  return { ...front, now: new ConnectionsNow(3, () => [front.frontend]) };
}

describe('the list', () => {
  test('at each stage, with what there is to say of it', () => {
    const { accept, clock, now } = desk();
    const connected = accept(new FakePair('192.0.2.1', 5_001));
    clock.advance(10);
    connected.connects();
    connected.moves(1_000, 20);
    clock.advance(30);
    accept(new FakePair('192.0.2.2', 5_002));
    clock.advance(5);
    accept(new FakePair('2001:db8::1', 5_003));
    clock.advance(7);
    const rest = { server: 'web', rxBytes: 0, txBytes: 0, tried: [] };
    assert.deepEqual(now.list(ALL), {
      total: 3,
      connections: [
        {
          ...rest,
          id: '3-1',
          client: '192.0.2.1:5001',
          backend: 'b0:80',
          stage: 'connected',
          ageMs: 52,
          queueMs: 0,
          rxBytes: 1_000,
          txBytes: 20,
        },
        {
          ...rest,
          id: '3-2',
          client: '192.0.2.2:5002',
          backend: 'b0:80',
          stage: 'connecting',
          ageMs: 12,
          queueMs: 0,
        },
        { ...rest, id: '3-3', client: '[2001:db8::1]:5003', stage: 'queued', ageMs: 7, queueMs: 7 },
      ],
    });
  });

  test('one that was served says how long it had waited; those that failed it are named', () => {
    const { accept, clock, frontend } = fronting({
      backends: [{ maxConnections: 1 }, { maxConnections: 1, priority: 2 }],
      limits: { queue: QUEUE },
    });
    const now = new ConnectionsNow(3, () => [frontend]);
    const [first] = [accept(), accept()];
    const third = accept();
    clock.advance(40);
    first.ends('client-reset');
    clock.advance(2);
    third.fails('refused');
    const [, listed] = now.list(ALL).connections;
    assert.deepEqual(
      { id: listed?.id, stage: listed?.stage, tried: listed?.tried, backend: listed?.backend },
      { id: '3-3', stage: 'queued', tried: ['b0:80'], backend: undefined },
    );
    assert.equal(listed?.queueMs, 42);
  });

  test('not one that was turned away, killed or cut, though its pair has not ended yet', () => {
    const { accept, now, frontend } = desk();
    const front = fronting({ backends: [] });
    front.accept();
    assert.equal(new ConnectionsNow(1, () => [front.frontend]).list(ALL).total, 0);
    const [one, other] = [accept(), accept()];
    one.connects();
    now.killOne(2);
    assert.deepEqual([now.list(ALL).total, other.endedBy], [1, 'reset']);
    frontend.cut();
    assert.deepEqual([now.list(ALL).total, one.endedBy], [0, 'reset']);
  });

  test('those that match, each rank on top; all that match are counted', () => {
    const front = fronting({ backends: [{ maxConnections: 3 }, { maxConnections: 3, priority: 2 }] });
    const now = new ConnectionsNow(1, () => [front.frontend]);
    for (let n = 0; n < 6; n++) {
      const pair = front.accept(new FakePair(`192.0.2.${n}`));
      pair.connects();
      pair.moves(n === 1 ? 100 : n, n === 4 ? 100 : n);
    }
    const ids = (query: Partial<ConnectionQuery>) => {
      const { total, connections } = now.list({ ...ALL, ...query });
      return [total, ...connections.map(({ id }) => id)];
    };
    assert.deepEqual(ids({ limit: 2 }), [6, '1-1', '1-2']);
    assert.deepEqual(ids({ sort: 'rx', limit: 2 }), [6, '1-2', '1-6']);
    assert.deepEqual(ids({ sort: 'tx', limit: 3 }), [6, '1-5', '1-6', '1-4']);
    assert.deepEqual(ids({ backend: 'b1:80' }), [3, '1-4', '1-5', '1-6']);
    assert.deepEqual(ids({ backend: 'b2:80' }), [0]);
    assert.deepEqual(ids({ client: clientFilter('192.0.2.5') }), [1, '1-6']);
    assert.deepEqual(ids({ client: clientFilter('192.0.2.0/24'), backend: 'b1:80', limit: 1 }), [3, '1-4']);
    assert.deepEqual(ids({ server: 'web', limit: 1 }), [6, '1-1']);
    assert.deepEqual(ids({ server: 'other' }), [0]);
  });
});

describe('a kill', () => {
  test('one by its number, once, with the cause of its stage', () => {
    const { accept, now, ledger } = desk();
    const pairs = [accept(), accept(), accept()];
    pairs[0]!.connects();
    assert.equal(now.killOne(4), false);
    assert.deepEqual([now.killOne(1), now.killOne(2), now.killOne(3)], [true, true, true]);
    assert.deepEqual([now.killOne(1), now.killOne(2), now.killOne(3)], [false, false, false]);
    assert.equal(ledger.serverTotals().waiting, 0);
    for (const pair of pairs) pair.ends('cut');
    const { active, causes } = ledger.serverTotals();
    assert.deepEqual([active, ledger.active(0), causes.KD, causes.KC, causes.KQ], [0, 0, 1, 1, 1]);
  });

  test('all that match, and no other', () => {
    const { accept, now, ledger } = desk();
    const pairs = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((ip) => accept(new FakePair(ip)));
    pairs[1]!.connects();
    assert.equal(now.kill({ backend: 'b0:80', client: clientFilter('192.0.2.2') }), 1);
    assert.deepEqual(
      pairs.map(({ endedBy }) => endedBy),
      [undefined, 'reset', undefined],
    );
    assert.equal(now.kill({ server: 'other' }), 0);
    assert.equal(now.kill({}), 2);
    for (const pair of pairs) pair.ends('cut', true);
    const { causes } = ledger.serverTotals();
    assert.deepEqual([causes.KL, causes.KC, causes.KQ], [1, 1, 1]);
  });

  test('of one address, not of those whose text begins so; of a network; of unix sockets', () => {
    const { frontend, accept } = fronting({ backends: [{}] });
    const now = new ConnectionsNow(3, () => [frontend]);
    const ips = [
      '10.0.0.1',
      '10.0.0.10',
      '::ffff:10.0.0.1',
      '10.0.0.100',
      '10.1.0.0',
      '2001:db8::1',
      '2001:db9::1',
      '',
    ];
    for (const ip of ips) accept(new FakePair(ip));
    assert.equal(now.kill({ client: clientFilter('10.0.0.1') }), 2);
    assert.equal(now.kill({ client: clientFilter('10.0.0.0/24') }), 2);
    assert.equal(now.kill({ client: clientFilter('2001:db8::/32') }), 1);
    assert.equal(now.kill({ client: clientFilter('unix:') }), 1);
    assert.deepEqual(
      now.list(ALL).connections.map(({ client }) => client.replace(/:\d+$/, '')),
      ['10.1.0.0', '[2001:db9::1]'],
    );
  });
});
