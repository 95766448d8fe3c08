import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FakeDatagramPair } from '../../../test/helpers/fakes/fake-datagram-pair.ts';
import { fronting, type FrontingOptions } from '../../../test/helpers/rigs/frontend.ts';
import type { PairEnd } from '../../core/engine.ts';
import type { UdpLimits } from '../../core/limits.ts';

const UDP: UdpLimits = {
  isOneWay: false,
  maxRequests: 0,
  maxResponses: 0,
  isTransparent: false,
  maxSessions: 100,
  receiveBufferBytes: 65_536,
};

function udpFront({ limits, ...options }: FrontingOptions = {}, udp: Partial<UdpLimits> = {}) {
  const front = fronting({ ...options, limits: { ...limits, udp: { ...UDP, ...udp } } });
  const begin = (pair = new FakeDatagramPair()): FakeDatagramPair => {
    front.frontend.acceptedDatagram(pair);
    return pair;
  };
  return { ...front, begin };
}

const TWO = [{ maxFails: 1 }, { maxFails: 1 }];

describe('a session of UDP', () => {
  const ENDS: readonly (readonly [
    what: string,
    carried: readonly [rx: number, tx: number],
    maxResponses: number,
    end: PairEnd,
    cause: string,
    outcome: string,
    failures: number,
  ])[] = [
    ['had all answers', [2, 2], 1, 'finished', '--', 'answered', 0],
    ['fell idle, and nobody knows how many answers come', [3, 1], 0, 'client-idle', '--', 'answered', 0],
    ['sent one way', [0, 5], 0, 'client-idle', '--', 'one-way', 0],
    ['sent one way, and the backend is silent', [0, 5], 0, 'backend-idle', '--', 'one-way', 0],
    ['got no answer', [0, 1], 1, 'client-idle', 'sD', 'silent', 1],
    ['lacks an answer, when its client is done', [1, 2], 1, 'client-idle', 'sD', 'answered', 0],
    ['lacks an answer, while its client goes on asking', [1, 2], 1, 'backend-idle', 'sD', 'answered', 1],
    ['was cut', [1, 1], 0, 'cut', 'KD', 'answered', 0],
  ];
  for (const [what, [rx, tx], maxResponses, end, cause, outcome, failures] of ENDS) {
    test(`that ${what}`, () => {
      const front = udpFront({ backends: TWO, limits: { clientIdleMs: 1_000 } }, { maxResponses });
      const pair = front.begin();
      pair.connects();
      assert.equal(pair.limits?.datagrams?.maxResponses, maxResponses);
      pair.carries(rx, tx);
      front.clock.advance(1_000);
      pair.ends(end);
      const [entry] = front.entries();
      assert.deepEqual(
        [entry?.cause, entry?.outcome, entry?.rxDatagrams, entry?.txDatagrams, entry?.txBytes],
        [cause, outcome, rx, tx, 10 * tx],
      );
      assert.equal(front.failures.length, failures);
      const totals = front.ledger.serverTotals();
      assert.deepEqual([totals.active, totals.rxDatagrams, totals.txDatagrams], [0, rx, tx]);
    });
  }

  for (const clientIdleMs of [0, 1_000]) {
    test(`that makes room for another says nothing of its backend, with an idle limit of ${clientIdleMs} ms`, () => {
      const front = udpFront({ backends: TWO, limits: { clientIdleMs } }, { maxResponses: 1 });
      const pair = front.begin();
      pair.connects();
      pair.carries(0, 1);
      front.clock.advance(900);
      pair.ends('client-idle');
      assert.deepEqual([front.entries()[0]?.cause, front.failures.length], ['sD', 0]);
    });
  }

  test('that is refused counts at once, and goes on at another backend', () => {
    const front = udpFront({ backends: TWO });
    const pair = front.begin();
    pair.connects();
    pair.carries(0, 1);
    pair.refuses();
    assert.deepEqual(
      front.failures.map(({ what, backend }) => `${what} ${backend}`),
      ['ejected b0:80'],
    );
    assert.deepEqual([front.ledger.active(0), front.ledger.active(1)], [0, 1]);
    assert.equal(front.ledger.backendTotals(0).refused, 1);
    assert.deepEqual(pair.dials, ['10.0.0.1:8000', '10.0.0.1:8001']);
    pair.connects();
    pair.carries(1, 1);
    pair.ends('client-idle');
    const [entry] = front.entries();
    assert.deepEqual([entry?.backend, entry?.tried, entry?.outcome], ['b1:80', ['b0:80'], 'answered']);
    assert.equal(front.ledger.serverTotals().active, 0);
  });

  test('that nobody takes is closed as a connection is', () => {
    const front = udpFront({ backends: TWO });
    const pair = front.begin();
    for (let dial = 0; dial < 2; dial++) {
      pair.connects();
      pair.refuses();
    }
    assert.equal(pair.endedBy, 'close');
    pair.ends('cut');
    const [entry] = front.entries();
    assert.deepEqual([entry?.cause, entry?.outcome, entry?.backend], ['SC', 'refused', null]);
  });

  test('that lives long is not given up for what failed before its last answer', () => {
    const front = udpFront({ backends: [{}, {}], limits: { retries: 1 } });
    const pair = front.begin();
    for (let round = 0; round < 5; round++) {
      pair.connects();
      pair.carries(1, 1);
      pair.refuses();
      assert.equal(pair.endedBy, undefined);
    }
  });

  test('says nothing of a backend that can be reached again before an answer', () => {
    const front = udpFront({ backends: [{}] });
    const first = front.begin();
    first.connects();
    first.refuses();
    const second = front.begin();
    second.connects();
    const again = () => front.said.filter(({ message }) => message === 'backend reachable again').length;
    assert.equal(again(), 0);
    second.carries(1, 1);
    assert.equal(again(), 1);
  });

  test('takes a place at the server, and ends with its backend where on_down says so', () => {
    const front = udpFront({ limits: { maxConnections: 1 } });
    const pair = front.begin();
    const other = front.begin();
    assert.equal(other.endedBy, 'close');
    pair.connects();
    front.frontend.close(0);
    assert.equal(pair.endedBy, 'reset');
    pair.ends('cut');
    assert.equal(front.entries()[0]?.cause, 'DD');
  });

  test('of a server that drains ends when it has come to rest and awaits nothing', () => {
    const front = udpFront({}, { maxResponses: 1 });
    const [answered, awaiting] = [front.begin(), front.begin()];
    for (const pair of [answered, awaiting]) pair.connects();
    answered.carries(1, 1);
    awaiting.carries(0, 1);
    let isEmpty = false;
    front.frontend.retire(() => (isEmpty = true));
    front.clock.advance(4_000);
    assert.equal(answered.endedBy, undefined);
    front.clock.advance(2_000);
    assert.deepEqual([answered.endedBy, awaiting.endedBy], ['close', undefined]);
    answered.ends('cut');
    assert.deepEqual([front.entries()[0]?.cause, isEmpty], ['--', false]);
    awaiting.ends('client-idle');
    assert.equal(isEmpty, true);
  });
});
