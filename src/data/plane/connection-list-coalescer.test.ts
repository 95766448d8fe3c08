import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock, turn } from '../../../test/helpers/fakes/fake-clock.ts';
import type { ConnectionList, ConnectionQuery } from '../../core/connection-list.ts';
import { TslbError } from '../../core/errors.ts';
import { ConnectionListCoalescer } from './connection-list-coalescer.ts';

interface Asked {
  readonly query: ConnectionQuery;
  readonly answer: (total: number) => Promise<void>;
  readonly fail: () => Promise<void>;
}

function coalescing() {
  const clock = new FakeClock();
  const asked: Asked[] = [];
  const coalescer = new ConnectionListCoalescer(clock, (query) => {
    return new Promise<ConnectionList>((resolve, reject) => {
      const answer = (total: number) => (resolve({ total, connections: [] }), turn());
      const fail = () => (reject(new TslbError('TSLB_THREAD_SILENT', 'silent')), turn());
      asked.push({ query, answer, fail });
    });
  });
  const list = (client: string) => coalescer.list({ client: { text: client }, sort: 'age', limit: 1 });
  const clients = () => asked.map(({ query }) => query.client?.text);
  return { clock, asked, coalescer, list, clients };
}

test('lists are made one at a time, in order, and the threads rest from each', async () => {
  const { clock, asked, list, clients } = coalescing();
  const [a, b] = [list('a'), list('b')];
  assert.deepEqual(clients(), ['a']);
  await asked[0]!.answer(1);
  assert.equal((await a).total, 1);
  clock.advance(49);
  assert.deepEqual(clients(), ['a'], 'they rest');
  clock.advance(1);
  assert.deepEqual(clients(), ['a', 'b']);
  clock.advance(1_000);
  await asked[1]!.answer(2);
  assert.equal((await b).total, 2);
  const c = list('c');
  clock.advance(999);
  assert.deepEqual(clients(), ['a', 'b'], 'also when nobody has waited');
  clock.advance(1);
  await asked[2]!.answer(3);
  assert.equal((await c).total, 3);
  clock.advance(50);
  assert.equal(clock.timers, 0);
  void list('d');
  assert.deepEqual(clients(), ['a', 'b', 'c', 'd'], 'whoever comes after that is not made to wait');
});

test('the rest is as long as keeps them for a tenth of the time at most', async () => {
  for (const [tookMs, restMs] of [
    [0, 50],
    [5, 50],
    [20, 180],
    [100, 900],
    [5_000, 1_000],
  ] as const) {
    const { clock, asked, list, clients } = coalescing();
    void list('a');
    clock.advance(tookMs);
    await asked[0]!.answer(0);
    void list('b');
    assert.equal(clock.nextInMs, restMs);
    clock.advance(restMs);
    assert.deepEqual(clients(), ['a', 'b']);
  }
});

test('requests for the same list share it; one that is being made is too old for them', async () => {
  const { clock, asked, list, clients } = coalescing();
  const first = list('a');
  const others = [list('a'), list('a'), list('a')];
  await asked[0]!.answer(1);
  clock.advance(50);
  assert.deepEqual(clients(), ['a', 'a']);
  const late = list('a');
  await asked[1]!.answer(2);
  assert.deepEqual(
    (await Promise.all([first, ...others])).map(({ total }) => total),
    [1, 2, 2, 2],
  );
  clock.advance(50);
  await asked[2]!.answer(3);
  assert.equal((await late).total, 3);
});

test('so many different ones wait and no more, of the same as many as like', async () => {
  const { clock, asked, list } = coalescing();
  void list('under way');
  const waiting = ['1', '2', '3', '4', '5', '6', '7', '8'].map((client) => list(client));
  await assert.rejects(list('9'), { code: 'TSLB_BUSY' });
  const shared = list('8');
  await asked[0]!.answer(0);
  clock.advance(50);
  const next = list('9');
  for (let n = 1; n <= 9; n++) {
    await asked[n]!.answer(n);
    clock.advance(50);
  }
  const totals = (await Promise.all([...waiting, shared, next])).map(({ total }) => total);
  assert.deepEqual(totals, [1, 2, 3, 4, 5, 6, 7, 8, 8, 9]);
});

test('a thread that is silent is waited for once, and not by each request', async () => {
  const { clock, asked, list } = coalescing();
  const refused = [list('a'), list('b'), list('c')].map((each) => assert.rejects(each, { code: 'TSLB_THREAD_SILENT' }));
  await asked[0]!.fail();
  await Promise.all(refused);
  const again = list('b');
  clock.advance(50);
  assert.equal(asked.length, 2);
  await asked[1]!.answer(7);
  assert.equal((await again).total, 7);
});

test('after the stop no request waits, and no timer is left', async () => {
  const { clock, asked, coalescer, list } = coalescing();
  void list('a');
  await asked[0]!.answer(0);
  const waiting = list('b');
  coalescer.stop();
  await asked[1]!.answer(1);
  assert.deepEqual([(await waiting).total, clock.timers], [1, 0]);
  const late = list('c');
  await asked[2]!.answer(2);
  assert.equal((await late).total, 2);
});
