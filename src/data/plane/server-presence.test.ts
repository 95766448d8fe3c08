import assert from 'node:assert/strict';
import { test } from 'node:test';

import { turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { ServerLedger } from '../../ledger/server-ledger.ts';
import { ThreadLedger } from '../../ledger/thread-ledger.ts';
import { ServerPresence } from './server-presence.ts';
import type { ThreadHandle } from './thread-handle.ts';

/** Of a thread a presence needs its identity alone. */
function threadNumber(number: number): ThreadHandle {
  return { number, queue: number } as unknown as ThreadHandle;
}

function presenceOf() {
  const ledger = new ServerLedger();
  const presence = new ServerPresence(ledger);
  let isEmpty = false;
  void presence.empty.then(() => (isEmpty = true));
  return { ledger, presence, isEmpty: async () => (await turn(), isEmpty) };
}

const one = threadNumber(1);
const other = threadNumber(2);
const NOWHERE: ReadonlySet<ThreadHandle> = new Set();

test('a server is gone when it was removed and each of its threads has said so', async () => {
  const { presence, isEmpty } = presenceOf();
  presence.placeOn(new Set([one, other]));
  assert.deepEqual(presence.threads(), [one, other]);
  assert.equal(await isEmpty(), false);
  presence.placeOn(NOWHERE);
  assert.deepEqual(presence.threads(), [one, other], 'both may still elect for it');
  presence.retired(one);
  assert.deepEqual([await isEmpty(), presence.threads()], [false, [other]]);
  presence.retired(other);
  assert.deepEqual([await isEmpty(), presence.threads()], [true, []]);
});

test('leaving one thread for another is no end', async () => {
  const { presence, isEmpty } = presenceOf();
  presence.placeOn(new Set([one]));
  presence.placeOn(new Set([other]));
  assert.deepEqual(presence.threads(), [one, other]);
  presence.retired(one);
  assert.deepEqual([await isEmpty(), presence.threads()], [false, [other]]);
});

test('a thread that it left and came back to has to say so twice', async () => {
  const { presence, isEmpty } = presenceOf();
  presence.placeOn(new Set([one]));
  presence.placeOn(new Set([other]));
  presence.placeOn(new Set([one]));
  presence.placeOn(NOWHERE);
  presence.retired(one);
  presence.retired(other);
  assert.deepEqual([await isEmpty(), presence.threads()], [false, [one]]);
  presence.retired(one);
  assert.equal(await isEmpty(), true);
});

test('staying on a thread is not coming to it', async () => {
  const { presence, isEmpty } = presenceOf();
  presence.placeOn(new Set([one]));
  presence.placeOn(new Set([one, other]));
  presence.placeOn(new Set([one]));
  presence.placeOn(NOWHERE);
  presence.retired(other);
  presence.retired(one);
  assert.equal(await isEmpty(), true);
});

test('a dead thread owes nothing, and what it held is given back', async () => {
  const { presence, ledger, isEmpty } = presenceOf();
  const threads = [one, other].map(({ number }) => new ThreadLedger(ledger.open(number)));
  for (const thread of threads) thread.enterServer(0);
  presence.placeOn(new Set([one, other]));
  presence.threadDied(one);
  assert.deepEqual([presence.threads(), ledger.serverActive()], [[other], 1]);
  presence.placeOn(NOWHERE);
  presence.retired(other);
  assert.equal(await isEmpty(), true);
});

test('a thread that dies while the server retires lets it end', async () => {
  const { presence, isEmpty } = presenceOf();
  presence.placeOn(new Set([one]));
  presence.placeOn(NOWHERE);
  assert.equal(await isEmpty(), false);
  presence.threadDied(one);
  assert.equal(await isEmpty(), true);
});

test('a thread that died is come to anew when it is used again', async () => {
  const { presence, isEmpty } = presenceOf();
  presence.placeOn(new Set([one]));
  presence.threadDied(one);
  assert.equal(await isEmpty(), false, 'it was not removed, only its thread has died');
  presence.placeOn(new Set([other]));
  presence.placeOn(NOWHERE);
  presence.retired(other);
  assert.equal(await isEmpty(), true);
});
