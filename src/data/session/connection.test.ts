import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { FakePair } from '../../../test/helpers/fakes/fake-engine.ts';
import { fronting, type FrontingOptions } from '../../../test/helpers/rigs/frontend.ts';
import type { Cause } from '../../core/cause.ts';
import type { DialFailure, PairEnd } from '../../core/engine.ts';

/** What the only connection came to, after everything is given back. */
function outcome(front: ReturnType<typeof fronting>) {
  const { causes, active, accepted } = front.ledger.serverTotals();
  assert.deepEqual({ active, accepted }, { active: 0, accepted: 1 });
  assert.equal(front.ledger.active(0), 0);
  const counted = Object.entries(causes).filter(([, count]) => count > 0);
  const [entry] = front.entries();
  assert.deepEqual(counted, [[entry?.cause, 1]]);
  return entry!;
}

type Play = (pair: FakePair, front: ReturnType<typeof fronting>) => void;

const connected: Play = (pair) => pair.connects();
const ended =
  (end: PairEnd, backendHadFinished = false): Play =>
  (pair) => {
    pair.connects();
    pair.ends(end, backendHadFinished);
  };
const cutThenEnded =
  (backendHadFinished: boolean): Play =>
  (pair, { frontend }) => {
    pair.connects();
    frontend.cut();
    pair.ends('cut', backendHadFinished);
  };
const failing =
  (failure: DialFailure): Play =>
  (pair) => {
    pair.fails(failure);
    pair.ends('cut');
  };

const DENY = { access: { defaultAllow: false, rules: [] } };

describe('the cause of an end', () => {
  const CASES: readonly (readonly [Cause, string, FrontingOptions, Play])[] = [
    ['--', 'both sides finished', {}, ended('finished', true)],
    ['PR', 'denied', DENY, (pair) => pair.ends('cut')],
    ['PR', 'denied, and reset by the client meanwhile', DENY, (pair) => pair.ends('client-reset')],
    ['SC', 'no backend at all', { backends: [] }, (pair) => pair.ends('cut')],
    ['SC', 'refused', {}, failing('refused')],
    ['SC', 'unreachable', {}, failing('unreachable')],
    ['sC', 'no answer in time', {}, failing('timeout')],
    ['RC', 'no descriptor or port for the dial', {}, failing('exhausted')],
    ['CC', 'the client left while dialling', {}, (pair) => pair.ends('client-reset')],
    [
      'KC',
      'cut while dialling',
      {},
      (pair, { frontend }) => {
        frontend.cut();
        pair.ends('cut');
      },
    ],
    ['CD', 'client reset', {}, ended('client-reset')],
    ['CL', 'client reset after the backend had finished', {}, ended('client-reset', true)],
    ['SD', 'backend reset', {}, ended('backend-reset')],
    ['SL', 'backend reset after it had finished', {}, ended('backend-reset', true)],
    ['cD', 'client idle', {}, ended('client-idle')],
    ['cL', 'client idle after the backend had finished', {}, ended('client-idle', true)],
    ['sD', 'backend idle', {}, ended('backend-idle')],
    ['sL', 'backend idle after it had finished', {}, ended('backend-idle', true)],
    ['cF', 'client silent after one direction had ended', {}, ended('client-fin', true)],
    ['sF', 'backend silent after one direction had ended', {}, ended('backend-fin')],
    ['cU', 'client vanished', {}, ended('client-dead')],
    ['sU', 'backend vanished', {}, ended('backend-dead', true)],
    ['KD', 'cut', {}, cutThenEnded(false)],
    ['KL', 'cut after the backend had finished', {}, cutThenEnded(true)],
  ];
  for (const [cause, title, options, play] of CASES) {
    test(`is ${cause}: ${title}`, () => {
      const front = fronting(options);
      play(front.accept(), front);
      assert.equal(outcome(front).cause, cause);
    });
  }

  test('is PC when the server or every backend is full', () => {
    for (const options of [{ limits: { maxConnections: 1 } }, { backends: [{ maxConnections: 1 }] }]) {
      const front = fronting(options);
      const first = front.accept();
      const second = front.accept();
      assert.deepEqual([second.dials, second.endedBy], [[], 'close']);
      second.ends('cut');
      first.connects();
      first.ends('finished', true);
      assert.deepEqual(
        front.entries().map(({ cause }) => cause),
        ['PC', '--'],
      );
      assert.deepEqual([front.ledger.serverTotals().noBackend, front.ledger.serverActive()], [1, 0]);
    }
  });
});

describe('a denied client', () => {
  test('takes no place, of the server or a backend, and is not asked to wait', () => {
    const front = fronting({ ...DENY, limits: { maxConnections: 1 }, backends: [{ maxConnections: 1 }] });
    const pair = front.accept();
    assert.deepEqual([pair.endedBy, pair.dials], ['close', []]);
    assert.deepEqual([front.ledger.serverActive(), front.ledger.active(0)], [0, 0]);
    pair.ends('cut');
    const { denied, noBackend } = front.ledger.serverTotals();
    assert.deepEqual([denied, noBackend, front.said], [1, 0, []]);
  });
});

describe('retries', () => {
  const three = [{}, {}, {}];

  test('go to each backend once, in the order of the strategy, and are told in that order', () => {
    const front = fronting({ backends: three });
    const pair = front.accept();
    pair.fails('refused');
    pair.fails('timeout');
    pair.connects();
    assert.deepEqual(pair.dials, ['10.0.0.1:8000', '10.0.0.1:8001', '10.0.0.1:8002']);
    pair.ends('finished', true);
    const { tried, backend } = outcome(front);
    assert.deepEqual({ tried, backend }, { tried: ['b0:80', 'b1:80'], backend: 'b2:80' });
    const counts = [0, 1, 2].map((slot) => front.ledger.backendTotals(slot));
    assert.deepEqual(
      counts.map(({ refused, retried, total }) => [refused, retried, total]),
      [
        [1, 1, 0],
        [1, 1, 0],
        [0, 0, 1],
      ],
    );
  });

  test('end when the last backend was tried, or as many as are allowed; the last failure is the cause', () => {
    for (const [retries, dials] of [
      [0, 1],
      [1, 2],
      [2, 3],
      [9, 3],
    ] as const) {
      const front = fronting({ backends: three, limits: { retries } });
      const pair = front.accept();
      for (let dial = 1; dial < dials; dial++) pair.fails('refused');
      pair.fails('timeout');
      assert.deepEqual([pair.dials.length, pair.endedBy], [dials, 'close']);
      pair.ends('cut');
      const { cause, backend, tried } = outcome(front);
      assert.deepEqual([cause, backend, tried.length], ['sC', null, dials]);
      assert.equal(front.ledger.serverTotals().retried, dials - 1);
    }
  });

  test('give the place back before the next is taken, and skip full backends', () => {
    const front = fronting({ backends: [{ maxConnections: 1 }, { maxConnections: 1 }] });
    const first = front.accept();
    first.fails('refused');
    assert.deepEqual([front.ledger.active(0), front.ledger.active(1)], [0, 1]);
    const second = front.accept();
    second.fails('refused');
    assert.equal(second.endedBy, 'close', 'the only one that it has not tried is full');
    second.ends('cut');
    assert.equal(front.entries()[0]?.cause, 'SC');
  });
});

describe('several addresses of a backend', () => {
  test('are tried one beside the other and share the time of one dial', () => {
    const front = fronting({ backends: [{ addresses: 3 }], limits: { connectTimeoutMs: 1_000 } });
    const pair = front.accept();
    front.clock.advance(249);
    assert.deepEqual(pair.dials, ['10.0.0.1:8000']);
    front.clock.advance(1);
    assert.deepEqual(pair.dials, ['10.0.0.1:8000', '10.0.0.2:8000'], 'the first is slow');
    front.clock.advance(51);
    pair.fails('refused');
    assert.deepEqual(pair.dials, ['10.0.0.1:8000', '10.0.0.2:8000', '10.0.0.3:8000'], 'a failure is followed at once');
    assert.deepEqual(pair.dialTimeouts, [1_000, 750, 699]);
    pair.connects(1);
    pair.ends('finished', true);
    const { tried, backend, connectMs } = outcome(front);
    assert.deepEqual({ tried, backend, connectMs }, { tried: [], backend: 'b0:80', connectMs: 301 });
    assert.equal(front.ledger.backendTotals(0).refused, 0, 'one of its addresses answered');
  });

  test('are left when the time is over', () => {
    const late = fronting({ backends: [{ addresses: 2 }], limits: { connectTimeoutMs: 1_000 } });
    const pair = late.accept();
    late.clock.advance(1_000);
    pair.fails('timeout');
    assert.deepEqual([pair.dials.length, pair.endedBy], [2, undefined], 'one is still under way');
    pair.fails('timeout');
    assert.deepEqual([pair.dials.length, pair.endedBy], [2, 'close']);
  });

  test('of which one fails for a want of our own say nothing about the backend', () => {
    const front = fronting({ backends: [{ addresses: 2, maxFails: 1 }] });
    const pair = front.accept();
    pair.fails('exhausted', 'EADDRNOTAVAIL');
    assert.deepEqual(pair.dials, ['10.0.0.1:8000', '10.0.0.2:8000'], 'ports are counted for each destination');
    pair.fails('refused');
    assert.equal(pair.endedBy, 'close');
    pair.ends('cut');
    assert.deepEqual([outcome(front).cause, front.ledger.backendTotals(0).refused, front.failures], ['RC', 0, []]);
    assert.deepEqual(
      front.shortages.map(({ shortage, about }) => [shortage, about]),
      [['ports', '10.0.0.1:8000']],
    );
  });
});

test('the log line counts bytes both ways and times from accept, election and connect', () => {
  const limits = { clientIdleMs: 5_000, backendIdleMs: 6_000, clientFinMs: 7_000, backendFinMs: 8_000 };
  const front = fronting({ limits: { ...limits, unacknowledgedMs: 9_000 } });
  const pair = front.accept();
  front.clock.advance(12.34);
  connected(pair, front);
  assert.deepEqual(pair.limits, {
    client: { idleMs: 5_000, finMs: 7_000 },
    backend: { idleMs: 6_000, finMs: 8_000 },
    unacknowledgedMs: 9_000,
    keepAlive: { idleMs: 15_000, intervalMs: 15_000, count: 9 },
  });
  pair.moves(100, 20);
  front.clock.advance(1_000);
  pair.moves(1, 2);
  front.accept();
  pair.ends('finished', true);
  const [entry] = front.entries();
  assert.deepEqual(entry && { ...entry, time: undefined }, {
    time: undefined,
    server: 'web',
    client: '192.0.2.1:5000',
    backend: 'b0:80',
    tried: [],
    cause: '--',
    rxBytes: 101,
    txBytes: 22,
    queueMs: 0,
    connectMs: 12.3,
    totalMs: 1012.3,
    serverActive: 1,
    backendActive: 1,
  });
  const { rx, tx } = front.ledger.backendTotals(0);
  assert.deepEqual([rx, tx, front.ledger.serverTotals().rx], [101, 22, 101]);
});

test('bytes that nobody acknowledged are in the log line of their end, and only there', () => {
  const front = fronting({});
  const [silent, slow] = [front.accept(), front.accept()];
  for (const pair of [silent, slow]) connected(pair, front);
  silent.ends('client-dead', false, 4_096);
  slow.ends('client-idle');
  const [first, second] = front.entries();
  assert.deepEqual([first?.unacknowledgedBytes, first?.cause], [4_096, 'cU']);
  assert.ok(second !== undefined && !('unacknowledgedBytes' in second));
});
