import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SessionOrder, standingOf, type Ordered } from './session-order.ts';

class Session implements Ordered {
  newer: Ordered | undefined;
  older: Ordered | undefined;
  list: Ordered['list'];
  lastAt = 0;
  placedAt = 0;
}

test('the one that was used longest ago makes room, those first whose clients may be forged', () => {
  const order = new SessionOrder<Session>();
  const [live, first, second] = [new Session(), new Session(), new Session()];
  order.touch(live, 0, 'proven');
  order.touch(first, 1, 'known');
  order.touch(second, 2, 'known');
  assert.equal(order.toEvict(5_000), first);
  order.touch(first, 300, 'known');
  assert.equal(order.toEvict(5_000), second);
  order.remove(second);
  order.remove(second);
  assert.equal(order.toEvict(5_000), first);
  order.remove(first);
  assert.equal(order.toEvict(5_000), live);
  assert.equal(order.size, 1);
  order.remove(live);
  assert.equal(order.toEvict(5_000), undefined);
  assert.equal(order.size, 0);
});

test('one that is in use makes no room, be the table full of such', () => {
  const order = new SessionOrder<Session>();
  const [live, fresh] = [new Session(), new Session()];
  order.touch(live, 0, 'proven');
  order.touch(live, 10_000, 'proven');
  order.touch(fresh, 10_000, 'known');
  assert.equal(order.toEvict(10_500), undefined);
  assert.equal(order.toEvict(11_000), fresh);
  order.touch(fresh, 11_000, 'strange');
  assert.equal(order.toEvict(11_000), fresh, 'a stranger');
});

test('a session moves between the lists as often as may be', () => {
  const order = new SessionOrder<Session>();
  const sessions = Array.from({ length: 5 }, () => new Session());
  for (let round = 0; round < 50; round++) {
    const session = sessions[(round * 7) % 5] as Session;
    order.touch(session, round, (['strange', 'known', 'proven'] as const)[round % 3]!);
  }
  const evicted = new Set<Session>();
  for (let session = order.toEvict(1e6); session !== undefined; session = order.toEvict(1e6)) {
    assert.ok(!evicted.has(session));
    evicted.add(session);
    order.remove(session);
  }
  assert.equal(evicted.size, 5);
});

test('a session that is used often keeps its place for a moment, and is in use nevertheless', () => {
  const order = new SessionOrder<Session>();
  const [first, second] = [new Session(), new Session()];
  order.touch(first, 0, 'known');
  order.touch(second, 10, 'known');
  order.touch(first, 50, 'known');
  assert.equal(order.toEvict(1_010), undefined, 'the first has its place, and was used');
  assert.equal(order.toEvict(1_050), first);
  order.touch(first, 1_050, 'known');
  assert.equal(order.toEvict(1_060), second);
});

test('a client is a stranger until it is answered or speaks again', () => {
  assert.deepEqual(
    [standingOf(1, 0), standingOf(2, 0), standingOf(1, 1), standingOf(1, 9), standingOf(2, 1)],
    ['strange', 'known', 'known', 'known', 'proven'],
  );
});
