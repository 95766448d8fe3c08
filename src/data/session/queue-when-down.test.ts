import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fronting, LIMITS, snapshotOf, type FrontingOptions } from '../../../test/helpers/rigs/frontend.ts';

const QUEUE = { ...LIMITS.queue, timeoutMs: 5_000, whenDown: true };
const ASKS_AGAIN_AFTER_MS = 1_050;

function waitingForBackends(backends: FrontingOptions['backends'] = [{}], retries = 3) {
  return fronting({ backends, limits: { queue: QUEUE, retries } });
}

for (const retries of [0, 3]) {
  test(`a client that failed at the last backend waits, and asks it again each second, with ${retries} retries`, () => {
    const front = waitingForBackends([{}], retries);
    const pair = front.accept();
    for (let times = 0; times < 3; times++) {
      pair.fails('refused');
      assert.equal(pair.state, 'waiting');
      front.clock.advance(ASKS_AGAIN_AFTER_MS);
      assert.deepEqual([pair.state, pair.dials.length], ['dialling', times + 2]);
    }
    pair.connects();
    pair.ends('finished', true);
    const [entry] = front.entries();
    assert.deepEqual([entry?.cause, front.ledger.serverTotals().queued], ['--', 1]);
    assert.ok((entry?.queueMs ?? 0) > 3_000, String(entry?.queueMs));
  });
}

test('it waits for its whole queue_timeout, from its first wait on, and no longer', () => {
  const front = waitingForBackends();
  const pair = front.accept();
  for (let at = 0; at < 4; at++) {
    pair.fails('timeout', 'ETIMEDOUT');
    front.clock.advance(ASKS_AGAIN_AFTER_MS);
  }
  pair.fails('timeout', 'ETIMEDOUT');
  front.clock.advance(700);
  assert.equal(pair.state, 'waiting');
  front.clock.advance(150);
  pair.ends('cut');
  assert.deepEqual([front.entries()[0]?.cause, front.ledger.serverTotals().noBackend], ['sQ', 1]);
});

test('it is served when the backend comes up by its checks, and those that came later behind it', () => {
  const front = waitingForBackends();
  const early = front.accept();
  early.fails('refused');
  front.frontend.apply({ version: 2, backends: [] });
  const late = front.accept();
  front.clock.advance(2_000);
  assert.deepEqual([early.state, late.state], ['waiting', 'waiting']);
  front.frontend.apply(snapshotOf(3, [{}]));
  assert.deepEqual([early.state, late.state], ['dialling', 'dialling']);
});

test('a client whose retries are used up does not wait where a backend is up that it has not tried', () => {
  const front = waitingForBackends([{}, { priority: 2 }], 0);
  const pair = front.accept();
  pair.fails('refused');
  pair.ends('cut');
  assert.equal(front.entries()[0]?.cause, 'SC');
});

test('nor does one that failed for what this host lacks', () => {
  const front = waitingForBackends();
  const pair = front.accept();
  pair.fails('exhausted', 'EMFILE');
  pair.ends('cut');
  assert.equal(front.entries()[0]?.cause, 'RC');
});

test('nor any without queue_when_down', () => {
  const front = fronting({ limits: { queue: { ...QUEUE, whenDown: false } } });
  const pair = front.accept();
  pair.fails('refused');
  pair.ends('cut');
  assert.equal(front.entries()[0]?.cause, 'SC');
});
