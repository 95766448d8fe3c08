import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock, turn } from '../../test/helpers/fakes/fake-clock.ts';
import { FakeLookup } from '../../test/helpers/fakes/fake-lookup.ts';
import { Names } from './names.ts';

/** Names over a resolver of ours, and what a watch of one was told. */
function watching(host: string) {
  const clock = new FakeClock();
  const lookup = new FakeLookup();
  const names = new Names(clock, lookup.find);
  const told: string[] = [];
  const watch = names.watch(host, {
    found: (addresses) => told.push(addresses.join(' ')),
    failed: ({ message }) => told.push(`failed: ${message}`),
  });
  return { clock, lookup, names, told, watch };
}

test('a name is asked for at once, and again ten seconds after each answer', async () => {
  const { clock, lookup, told } = watching('web');
  await turn();
  assert.deepEqual(lookup.asked, ['web']);
  assert.equal(clock.nextInMs, undefined, 'a slow answer is not asked for twice');
  lookup.answer('web', ['192.0.2.1']);
  await turn();
  assert.deepEqual(told, ['192.0.2.1']);
  assert.equal(clock.nextInMs, 10_000);
  clock.advance(9_999);
  await turn();
  assert.equal(lookup.asked.length, 1);
  clock.advance(1);
  await turn();
  lookup.answer('web', ['192.0.2.2']);
  await turn();
  assert.deepEqual(told, ['192.0.2.1', '192.0.2.2']);
});

test('the same addresses in another order are no news', async () => {
  const { clock, lookup, told } = watching('web');
  for (const answer of [
    ['a', 'b', 'c'],
    ['c', 'a', 'b'],
    ['b', 'c', 'a'],
    ['a', 'b'],
    ['b', 'a'],
  ]) {
    await turn();
    lookup.answer('web', answer);
    await turn();
    clock.advance(10_000);
  }
  assert.deepEqual(told, ['a b c', 'a b']);
});

test('a failure is told once, tried again in two seconds, and what was found before is not taken back', async () => {
  const { clock, lookup, told } = watching('web');
  await turn();
  lookup.answer('web', ['a']);
  await turn();
  clock.advance(10_000);
  for (const message of ['first', 'second', 'third']) {
    await turn();
    lookup.fail('web', message);
    await turn();
    assert.equal(clock.nextInMs, 2_000);
    clock.advance(2_000);
  }
  await turn();
  assert.deepEqual(told, ['a', 'failed: first']);
  lookup.answer('web', ['a']);
  await turn();
  assert.deepEqual(told, ['a', 'failed: first'], 'the same as before the failure is no news');
  assert.equal(clock.nextInMs, 10_000);
  clock.advance(10_000);
  await turn();
  lookup.fail('web', 'later');
  await turn();
  assert.deepEqual(told, ['a', 'failed: first', 'failed: later']);
});

test('an answer without an address is a failure', async () => {
  const { lookup, told } = watching('web');
  await turn();
  lookup.answer('web', []);
  await turn();
  assert.deepEqual(told, ['failed: the name has no address']);
});

test('a watch that is stopped hears nothing and asks nothing more', async () => {
  const waiting = watching('web');
  await turn();
  waiting.watch.stop();
  waiting.lookup.answer('web', ['a']);
  await turn();
  assert.deepEqual([waiting.told, waiting.clock.timers], [[], 0]);

  const idle = watching('web');
  await turn();
  idle.lookup.answer('web', ['a']);
  await turn();
  idle.watch.stop();
  idle.watch.stop();
  idle.clock.advance(60_000);
  await turn();
  assert.deepEqual([idle.told, idle.lookup.asked, idle.clock.timers], [['a'], ['web'], 0]);
});

test('at most two lookups of watches run at once, and a single question waits for none', async () => {
  const { lookup, names } = watching('h0');
  const events = { found: () => {}, failed: () => {} };
  for (let i = 1; i < 6; i++) names.watch(`h${i}`, events);
  const single = names.resolve('once');
  const failing = names.resolve('never');
  await turn();
  assert.deepEqual(lookup.open.toSorted(), ['h0', 'h1', 'never', 'once']);
  while (lookup.open.length > 0) {
    const [host = ''] = lookup.open;
    if (host === 'never') lookup.fail(host, 'no such name');
    else lookup.answer(host, [`address of ${host}`]);
    await Promise.race([turn(), failing.catch(() => turn())]);
  }
  assert.equal(lookup.mostOpen, 4);
  assert.deepEqual(lookup.asked.toSorted(), ['h0', 'h1', 'h2', 'h3', 'h4', 'h5', 'never', 'once']);
  assert.deepEqual(await single, ['address of once']);
  await assert.rejects(failing, /no such name/);
});

test('the system knows localhost, IPv4 first', async () => {
  const [first] = await new Names(new FakeClock()).resolve('localhost');
  assert.match(first ?? '', /^(127\.|::1$)/);
  const both = await new Names(new FakeClock()).resolve('127.0.0.1');
  assert.deepEqual(both, ['127.0.0.1']);
});
