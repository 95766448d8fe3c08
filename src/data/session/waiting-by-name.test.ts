import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fronting, LIMITS } from '../../../test/helpers/rigs/frontend.ts';
import { helloFor } from '../../../test/helpers/texts/hellos.ts';

const RULES = {
  matching: 'exact',
  unexpected: 'default',
  readTimeoutMs: 2_000,
  silent: 'close',
  plain: 'default',
  mostBytes: 65_536,
} as const;

test('a client gets its place however many wait before it for the backends of another name', () => {
  const queue = { ...LIMITS.queue, timeoutMs: 5_000 };
  const backends = [
    { sni: ['a.test'], maxConnections: 1 },
    { sni: ['b.test'], maxConnections: 1 },
  ];
  const front = fronting({ backends, limits: { serverNames: RULES, queue } });
  const say = (name: string) => {
    const pair = front.accept();
    pair.shows(helloFor(name), 'enough');
    return pair;
  };
  const [a, b] = [say('a.test'), say('b.test')];
  const waitForA = Array.from({ length: 1_500 }, () => say('a.test'));
  const waitForB = [say('b.test'), say('b.test')];
  for (const waits of waitForB) {
    assert.equal(waits.state, 'waiting');
    (waits === waitForB[0] ? b : waitForB[0])?.ends('client-reset');
    front.clock.advance(400);
    assert.equal(waits.state, 'dialling');
  }
  a.ends('client-reset');
  assert.deepEqual(
    waitForA.slice(0, 2).map(({ state }) => state),
    ['dialling', 'waiting'],
  );
  // Those that leave while they are looked at are passed over.
  for (const pair of waitForA) {
    front.clock.advance(1);
    pair.ends('client-reset');
  }
  assert.equal(front.ledger.serverTotals().waiting, 0);
});
