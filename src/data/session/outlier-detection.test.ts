import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { FakePair } from '../../../test/helpers/fakes/fake-engine.ts';
import { fronting, LIMITS, snapshotOf } from '../../../test/helpers/rigs/frontend.ts';

const TWO = [{ maxFails: 2 }, { maxFails: 2, priority: 2 }];

function failing(backends = TWO, queue = LIMITS.queue) {
  const front = fronting({ backends, limits: { retries: 0, queue } });
  /** Whom a client is sent to. */
  const next = (): [FakePair, string | undefined] => {
    const pair = front.accept();
    return [pair, pair.dials.at(-1)];
  };
  const fail = (): void => {
    const [pair] = next();
    pair.fails('refused', 'ECONNREFUSED');
    pair.ends('cut');
  };
  const told = () => front.failures.map(({ what, backend, code }) => [what, backend, code]);
  return { front, next, fail, told };
}

const FIRST = '10.0.0.1:8000';
const SECOND = '10.0.0.1:8001';

describe('a backend that fails', () => {
  test('is ejected at once, on all threads, and the first failure and the last are told', () => {
    const { front, next, fail, told } = failing();
    const other = fronting({ backends: TWO, ledger: front.ledger, thread: 1 });
    fail();
    assert.equal(next()[1], FIRST);
    fail();
    assert.equal(next()[1], SECOND);
    assert.equal(other.accept().dials[0], SECOND);
    assert.deepEqual(told(), [
      ['first', 'b0:80', 'ECONNREFUSED'],
      ['ejected', 'b0:80', 'ECONNREFUSED'],
    ]);
  });

  test('is not where failures do not count, nor for want of our own', () => {
    const { next, fail, told, front } = failing([{ maxFails: 0 }, { maxFails: 0, priority: 2 }]);
    for (let i = 0; i < 5; i++) fail();
    assert.equal(next()[1], FIRST);
    front.frontend.apply(snapshotOf(2, TWO));
    for (let i = 0; i < 5; i++) front.accept().fails('exhausted', 'EMFILE');
    assert.equal(next()[1], FIRST);
    assert.deepEqual(told(), []);
  });

  test('starts anew once its failures are forgotten', () => {
    const { front, next, fail } = failing();
    fail();
    front.ledger.forgetFailures(0);
    fail();
    assert.equal(next()[1], FIRST);
  });

  test('fails, too, when it resets a connection before its first byte, not after, and not a client that has left', () => {
    const { front, next, told } = failing();
    const [early] = next();
    early.connects();
    early.moves(0, 100);
    early.wasAwaited = true;
    early.ends('backend-reset');
    const [late] = next();
    late.connects();
    late.moves(1, 100);
    late.wasAwaited = true;
    late.ends('backend-reset');
    const [left] = next();
    left.connects();
    left.moves(0, 100);
    left.ends('backend-reset');
    const [idle] = next();
    idle.connects();
    idle.moves(0, 100);
    idle.ends('backend-idle');
    const [cut] = next();
    cut.connects();
    front.frontend.cut();
    cut.ends('cut');
    assert.deepEqual(told(), [['first', 'b0:80', 'ECONNRESET']]);
  });
});

describe('a backend that is probed', () => {
  function probing() {
    const failed = failing();
    failed.fail();
    failed.fail();
    assert.ok(failed.front.ledger.startProbing(0));
    failed.front.failures.length = 0;
    return failed;
  }

  test('gets one client, and is back when that has a byte of it, with one failure left', () => {
    const { next, fail, told } = probing();
    const [probe, target] = next();
    assert.equal(target, FIRST);
    assert.equal(next()[1], SECOND);
    probe.connects();
    probe.moves(0, 100);
    assert.equal(next()[1], SECOND);
    probe.moves(1, 0);
    assert.equal(next()[1], FIRST);
    fail();
    assert.equal(next()[1], SECOND);
    assert.deepEqual(told(), [
      ['passed', 'b0:80', ''],
      ['ejected', 'b0:80', 'ECONNREFUSED'],
    ]);
  });

  test('is ejected again when that fails', () => {
    const { next, fail, told, front } = probing();
    fail();
    assert.equal(next()[1], SECOND);
    assert.deepEqual(told(), [['ejected', 'b0:80', 'ECONNREFUSED']]);
    assert.ok(front.ledger.startProbing(0));
    assert.equal(next()[1], FIRST);
  });

  test('is back, too, when it has said nothing for a second, as it may be one that speaks late', () => {
    const { front, next, told } = probing();
    const [probe] = next();
    front.clock.advance(5_000);
    probe.connects();
    front.clock.advance(999);
    assert.equal(next()[1], SECOND);
    front.clock.advance(1);
    assert.equal(next()[1], FIRST);
    probe.wasAwaited = true;
    probe.moves(0, 1);
    probe.ends('finished', true);
    assert.deepEqual(told(), [
      ['passed', 'b0:80', ''],
      ['ejected', 'b0:80', 'EOF'],
    ]);
  });

  test('is back, too, when a client that has finished was served without an answer', () => {
    const { next } = probing();
    const [probe] = next();
    probe.connects();
    probe.moves(0, 100);
    probe.ends('finished', true);
    assert.equal(next()[1], FIRST);
  });

  for (const [end, code] of [
    ['finished', 'EOF'],
    ['client-reset', 'EOF'],
    ['backend-reset', 'ECONNRESET'],
    ['backend-dead', 'ETIMEDOUT'],
  ] as const) {
    test(`is ejected again when it ends the connection without a byte: ${end}`, () => {
      const { next, told } = probing();
      const [probe] = next();
      probe.connects();
      probe.moves(0, 100);
      probe.wasAwaited = true;
      probe.ends(end, true);
      assert.equal(next()[1], SECOND);
      assert.deepEqual(told(), [['ejected', 'b0:80', code]]);
    });
  }

  test('is tried by the next one when that connects and says nothing', () => {
    const { front, next, told } = probing();
    const [visitor] = next();
    visitor.connects();
    visitor.ends('finished', true);
    front.clock.advance(2_000);
    assert.equal(next()[1], FIRST);
    assert.equal(next()[1], SECOND);
    assert.deepEqual(told(), []);
  });

  test('is tried by the next one when that leaves before anything can be said', () => {
    const { next, told } = probing();
    const [leaver] = next();
    leaver.ends('client-reset');
    assert.equal(next()[1], FIRST);
    const [other] = next();
    other.fails('exhausted', 'EMFILE');
    assert.deepEqual(told(), []);
  });

  test('is as if it had never failed once it is restored, whatever becomes of the client that tried it', () => {
    const { front, next, fail, told } = probing();
    const [connects] = next();
    front.ledger.restore(0);
    connects.connects();
    connects.moves(1, 1);
    fail();
    assert.equal(next()[1], FIRST, 'one of two failures');
    fail();
    assert.ok(front.ledger.startProbing(0));
    const [fails] = next();
    front.ledger.restore(0);
    fails.fails('refused', 'ECONNREFUSED');
    fails.ends('cut');
    assert.equal(next()[1], FIRST, 'one of two failures');
    const all = ['first', 'ejected', 'first'].map((what) => [what, 'b0:80', 'ECONNREFUSED']);
    assert.deepEqual(told(), all);
  });

  test('is tried by one at a time, also when an earlier one leaves that tried it before it was restored', () => {
    const { front, next, fail } = probing();
    const [early] = next();
    front.ledger.restore(0);
    fail();
    fail();
    assert.ok(front.ledger.startProbing(0));
    assert.equal(next()[1], FIRST);
    early.ends('client-reset');
    assert.equal(next()[1], SECOND);
  });

  test('is tried by the next one when the thread of that has died', () => {
    const { front, next } = probing();
    const doomed = fronting({ backends: TWO, ledger: front.ledger, thread: 1 });
    assert.equal(doomed.accept().dials[0], FIRST);
    assert.equal(next()[1], SECOND);
    front.ledger.reclaim(1, 1);
    assert.equal(next()[1], FIRST);
  });
});

describe('when all are ejected', () => {
  test('all are asked all the same', () => {
    const { next, fail } = failing([{ maxFails: 1 }, { maxFails: 1 }]);
    fail();
    fail();
    assert.notEqual(next()[1], undefined);
  });

  test('clients wait with queue_when_down, until one is probed', () => {
    const { front, next, fail } = failing([{ maxFails: 1 }], { ...LIMITS.queue, timeoutMs: 1_000, whenDown: true });
    fail();
    const [one] = next();
    const [other] = next();
    assert.deepEqual([one.state, other.state], ['waiting', 'waiting']);
    front.ledger.startProbing(0);
    front.frontend.apply(snapshotOf(2, [{ maxFails: 1 }]));
    assert.deepEqual([one.state, other.state], ['dialling', 'waiting']);
    one.connects();
    one.moves(1, 1);
    front.frontend.apply(snapshotOf(3, [{ maxFails: 1 }]));
    assert.equal(other.state, 'dialling');
  });
});

test('the connections of one that is down are cut where that is asked for', () => {
  const front = fronting({ backends: [{}, {}] });
  const pairs = [front.accept(), front.accept(), front.accept()] as const;
  pairs[0].connects();
  pairs[1].connects();
  const [down] = pairs.filter(({ dials }) => dials[0] === FIRST);
  front.frontend.close(0);
  assert.deepEqual(
    pairs.map((pair) => pair.endedBy),
    pairs.map((pair) => (pair === down && pair.state === 'ending' ? 'reset' : undefined)),
  );
  down?.ends('cut', true);
  assert.equal(front.entries()[0]?.cause, 'DL');
});
