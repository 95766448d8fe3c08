import assert from 'node:assert/strict';
import { test } from 'node:test';

import { turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { ServerLedger } from '../../ledger/server-ledger.ts';
import { ThreadLedger } from '../../ledger/thread-ledger.ts';
import { Home } from './home.ts';
import type { ThreadHandle } from './thread-handle.ts';

/** A home looks at who a thread is only. */
function threadNumber(number: number): ThreadHandle {
  return { number, queue: number } as unknown as ThreadHandle;
}

function homing() {
  const ledger = new ServerLedger();
  const home = new Home(ledger);
  let isEmpty = false;
  void home.empty.then(() => (isEmpty = true));
  return { ledger, home, isEmpty: async () => (await turn(), isEmpty) };
}

const one = threadNumber(1);
const other = threadNumber(2);
const NOWHERE: ReadonlySet<ThreadHandle> = new Set();

test('a server is gone when it was removed and each of its threads has said so', async () => {
  const { home, isEmpty } = homing();
  home.settle(new Set([one, other]));
  assert.deepEqual(home.threads(), [one, other]);
  assert.equal(await isEmpty(), false);
  home.settle(NOWHERE);
  assert.deepEqual(home.threads(), [one, other], 'both may still elect for it');
  home.departed(one);
  assert.deepEqual([await isEmpty(), home.threads()], [false, [other]]);
  home.departed(other);
  assert.deepEqual([await isEmpty(), home.threads()], [true, []]);
});

test('leaving one thread for another is no end', async () => {
  const { home, isEmpty } = homing();
  home.settle(new Set([one]));
  home.settle(new Set([other]));
  assert.deepEqual(home.threads(), [one, other]);
  home.departed(one);
  assert.deepEqual([await isEmpty(), home.threads()], [false, [other]]);
});

test('a thread that it left and came back to has to say so twice', async () => {
  const { home, isEmpty } = homing();
  home.settle(new Set([one]));
  home.settle(new Set([other]));
  home.settle(new Set([one]));
  home.settle(NOWHERE);
  home.departed(one);
  home.departed(other);
  assert.deepEqual([await isEmpty(), home.threads()], [false, [one]]);
  home.departed(one);
  assert.equal(await isEmpty(), true);
});

test('staying on a thread is not coming to it', async () => {
  const { home, isEmpty } = homing();
  home.settle(new Set([one]));
  home.settle(new Set([one, other]));
  home.settle(new Set([one]));
  home.settle(NOWHERE);
  home.departed(other);
  home.departed(one);
  assert.equal(await isEmpty(), true);
});

test('a dead thread owes nothing, and what it held is given back', async () => {
  const { home, ledger, isEmpty } = homing();
  const threads = [one, other].map(({ number }) => new ThreadLedger(ledger.open(number)));
  for (const thread of threads) thread.enterServer(0);
  home.settle(new Set([one, other]));
  home.died(one);
  assert.deepEqual([home.threads(), ledger.serverActive()], [[other], 1]);
  home.settle(NOWHERE);
  home.departed(other);
  assert.equal(await isEmpty(), true);
});

test('a thread that dies while the server retires lets it end', async () => {
  const { home, isEmpty } = homing();
  home.settle(new Set([one]));
  home.settle(NOWHERE);
  assert.equal(await isEmpty(), false);
  home.died(one);
  assert.equal(await isEmpty(), true);
});

test('a thread that died is come to anew when it is used again', async () => {
  const { home, isEmpty } = homing();
  home.settle(new Set([one]));
  home.died(one);
  assert.equal(await isEmpty(), false, 'it was not removed, only its thread has died');
  home.settle(new Set([other]));
  home.settle(NOWHERE);
  home.departed(other);
  assert.equal(await isEmpty(), true);
});
