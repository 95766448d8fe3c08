import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SessionOrder, type Ordered } from './session-order.ts';

class Session implements Ordered {
  newer: Ordered | undefined;
  older: Ordered | undefined;
  list: Ordered['list'];
  lastAt = 0;
}

test('the one that was used longest ago makes room, those first whose clients may be forged', () => {
  const order = new SessionOrder<Session>();
  const [live, first, second] = [new Session(), new Session(), new Session()];
  order.touch(live, 0, 'proven');
  order.touch(first, 1, 'answered');
  order.touch(second, 2, 'answered');
  assert.equal(order.toEvict(5_000), first);
  order.touch(first, 3, 'answered');
  assert.equal(order.toEvict(5_000), second);
  order.remove(second);
  order.remove(second);
  assert.equal(order.toEvict(5_000), first);
  order.remove(first);
  assert.equal(order.toEvict(5_000), live);
  order.remove(live);
  assert.equal(order.toEvict(5_000), undefined);
});

test('one that is in use makes no room, be the table full of such', () => {
  const order = new SessionOrder<Session>();
  const [live, fresh] = [new Session(), new Session()];
  order.touch(live, 0, 'proven');
  order.touch(live, 10_000, 'proven');
  order.touch(fresh, 10_000, 'answered');
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
    order.touch(session, round, (['strange', 'answered', 'proven'] as const)[round % 3]!);
  }
  const evicted = new Set<Session>();
  for (let session = order.toEvict(1e6); session !== undefined; session = order.toEvict(1e6)) {
    assert.ok(!evicted.has(session));
    evicted.add(session);
    order.remove(session);
  }
  assert.equal(evicted.size, 5);
});
