import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { FakeClock, turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { FakeLookup } from '../../../test/helpers/fakes/fake-lookup.ts';
import { NameError } from './answer.ts';
import { Resolver } from './resolver.ts';

const SRC = fileURLToPath(new URL('../../../../src/', import.meta.url));

function resolving() {
  const clock = new FakeClock();
  const lookup = new FakeLookup();
  const resolver = new Resolver(clock, lookup.find);
  const told: string[] = [];
  const watch = (host: string) =>
    resolver.watch(host, {
      found: (addresses) => told.push(addresses.join(' ')),
      failed: ({ message }) => told.push(`failed: ${message}`),
    });
  /** What is asked next is answered so. */
  const answer = async (...[host, ...rest]: Parameters<FakeLookup['answer']>): Promise<void> => {
    await turn();
    lookup.answer(host, ...rest);
    await turn();
  };
  return { clock, lookup, resolver, told, watch, answer };
}

test('a name that is watched is asked for at once, and again when its time to live is over', async () => {
  const { clock, lookup, told, watch, answer } = resolving();
  watch('web');
  await turn();
  assert.deepEqual([lookup.asked, clock.nextInMs], [['web'], undefined], 'a slow answer is not asked for twice');
  await answer('web', ['192.0.2.1'], { ttlMs: 7_000 });
  assert.deepEqual([told, clock.nextInMs], [['192.0.2.1'], 7_000]);
  clock.advance(6_999);
  await turn();
  assert.equal(lookup.asked.length, 1);
  clock.advance(1);
  await answer('web', ['192.0.2.2']);
  assert.deepEqual(told, ['192.0.2.1', '192.0.2.2']);
});

test('no answer holds less than a second or longer than the limit', async () => {
  const { clock, resolver, watch, answer } = resolving();
  watch('web');
  await answer('web', ['192.0.2.1'], { ttlMs: 0 });
  assert.equal(clock.nextInMs, 1_000);
  clock.advance(1_000);
  await answer('web', ['192.0.2.1'], { ttlMs: Infinity });
  assert.equal(clock.nextInMs, 60_000);
  resolver.mostTtlMs = 5_000;
  clock.advance(60_000);
  await answer('web', ['192.0.2.1'], { ttlMs: 86_400_000 });
  assert.equal(clock.nextInMs, 5_000);
});

test('the same addresses in another order are no news', async () => {
  const { clock, told, watch, answer } = resolving();
  watch('web');
  for (const addresses of [
    ['a', 'b', 'c'],
    ['c', 'a', 'b'],
    ['b', 'c', 'a'],
    ['a', 'b'],
    ['b', 'a'],
  ]) {
    await answer('web', addresses);
    clock.advance(10_000);
  }
  assert.deepEqual(told, ['a b c', 'a b']);
});

test('a failure is told once, tried again in two seconds, and what was found before is not taken back', async () => {
  const { clock, lookup, told, watch, answer } = resolving();
  watch('web');
  await answer('web', ['a']);
  clock.advance(10_000);
  for (const message of ['first', 'second', 'third']) {
    await turn();
    lookup.fail('web', message);
    await turn();
    assert.equal(clock.nextInMs, 2_000);
    clock.advance(2_000);
  }
  assert.deepEqual(told, ['a', 'failed: first']);
  await answer('web', ['a']);
  assert.deepEqual(told, ['a', 'failed: first'], 'the same as before the failure is no news');
  clock.advance(10_000);
  await turn();
  lookup.fail('web', 'later');
  await turn();
  assert.deepEqual(told, ['a', 'failed: first', 'failed: later']);
});

test('a family that could not be asked for keeps the addresses that it had', async () => {
  const { clock, told, watch, answer } = resolving();
  watch('web');
  await answer('web', ['192.0.2.1', '2001:db8::1']);
  clock.advance(10_000);
  await answer('web', ['192.0.2.2'], { unknown: 6 });
  clock.advance(10_000);
  await answer('web', ['192.0.2.3']);
  assert.deepEqual(told, ['192.0.2.1 2001:db8::1', '192.0.2.2 2001:db8::1', '192.0.2.3']);
});

test('what comes later is told later, unless the name was asked for again', async () => {
  const { told, resolver, watch, answer } = resolving();
  watch('web');
  const later = Promise.resolve({ addresses: ['192.0.2.1', '2001:db8::1'], ttlMs: 5_000 });
  await answer('web', ['192.0.2.1'], { unknown: 6, later });
  assert.deepEqual(told, ['192.0.2.1', '192.0.2.1 2001:db8::1']);
  resolver.refresh();
  let arrive: () => void = () => undefined;
  const late = new Promise<undefined>((resolve) => (arrive = () => resolve(undefined)));
  await answer('web', ['192.0.2.2'], { later: late.then(() => ({ addresses: ['192.0.2.66'], ttlMs: 1 })) });
  resolver.refresh();
  arrive();
  await answer('web', ['192.0.2.3']);
  assert.deepEqual(told.slice(2), ['192.0.2.2', '192.0.2.3']);
});

test('a watch that is stopped hears nothing and asks nothing more', async () => {
  const waiting = resolving();
  const watch = waiting.watch('web');
  await turn();
  watch.stop();
  await waiting.answer('web', ['a']);
  assert.deepEqual([waiting.told, waiting.clock.timers], [[], 0]);

  const idle = resolving();
  const other = idle.watch('web');
  await idle.answer('web', ['a']);
  other.stop();
  other.stop();
  idle.clock.advance(60_000);
  await turn();
  assert.deepEqual([idle.told, idle.lookup.asked, idle.clock.timers], [['a'], ['web'], 0]);
});

test('all that want a name share one question and one answer, those that come later too', async () => {
  const { clock, lookup, told, resolver, watch, answer } = resolving();
  watch('web');
  watch('web');
  const wanted = ['web', 'WEB'].map((host) => resolver.addresses(host));
  await answer('web', ['192.0.2.1']);
  assert.deepEqual(await Promise.all(wanted), [['192.0.2.1'], ['192.0.2.1']]);
  watch('web');
  assert.deepEqual(await resolver.addresses('web'), ['192.0.2.1']);
  assert.deepEqual([told, lookup.asked], [['192.0.2.1', '192.0.2.1', '192.0.2.1'], ['web']]);
  assert.equal(clock.timers, 1, 'one timer for all of them');
});

test('a caller that gives up leaves the question to the next one', async () => {
  const { lookup, resolver, answer } = resolving();
  const late = new AbortController();
  const first = resolver.addresses('web', late.signal);
  late.abort();
  await assert.rejects(first, /name not resolved/);
  await assert.rejects(resolver.addresses('web', AbortSignal.abort()), /name not resolved/);
  const next = resolver.addresses('web');
  await answer('web', ['10.0.0.1']);
  assert.deepEqual([await next, lookup.asked], [['10.0.0.1'], ['web']]);
  assert.deepEqual(await resolver.addresses('::1'), ['::1']);
});

test('an answer whose time is over is waited for again, and is used where that takes longer than a second', async () => {
  const { clock, lookup, resolver, answer } = resolving();
  const first = resolver.addresses('web');
  await answer('web', ['10.0.0.1']);
  await first;
  clock.advance(10_000);
  const moved = resolver.addresses('web');
  await answer('web', ['10.0.0.2']);
  assert.deepEqual(await moved, ['10.0.0.2']);
  clock.advance(10_000);
  const silent = resolver.addresses('web');
  await turn();
  clock.advance(1_000);
  assert.deepEqual(await silent, ['10.0.0.2']);
  lookup.fail('web', 'no answer');
  await turn();
  assert.deepEqual(await resolver.addresses('web'), ['10.0.0.2']);
});

test('a name that was never found fails with the reason, and is not asked for again at once', async () => {
  const { clock, lookup, resolver } = resolving();
  for (const message of ['no such name', 'still none']) {
    const failing = resolver.addresses('web');
    lookup.fail('web', message);
    await assert.rejects(failing, new RegExp(message));
    await assert.rejects(resolver.addresses('web'), new RegExp(message));
    clock.advance(2_000);
  }
  const empty = resolver.addresses('web');
  lookup.answer('web', []);
  await assert.rejects(empty, /no address/);
  assert.equal(lookup.asked.length, 3);
});

test('names that failed are asked for at once when a name server is back', async () => {
  const { clock, lookup, told, resolver, watch, answer } = resolving();
  watch('web');
  watch('good');
  await answer('good', ['192.0.2.1']);
  lookup.fail('web', 'silent', new NameError('EAI_AGAIN', 'silent'));
  await turn();
  resolver.retry();
  await answer('web', ['192.0.2.2']);
  assert.deepEqual(told, ['192.0.2.1', 'failed: silent', '192.0.2.2']);
  assert.deepEqual([lookup.asked, clock.timers], [['web', 'good', 'web'], 2]);
  const { found, absent, failed } = resolver.counters;
  assert.deepEqual([found, absent, failed], [2, 0, 1]);
});

test('a process has one resolver', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const making = files.filter((file) =>
    /(?<!function )\bsystemResolver\(|new Resolver\(/.test(readFileSync(join(SRC, file), 'utf8')),
  );
  assert.deepEqual(making.sort(), ['app/daemon.ts', 'io/names/system-resolver.ts']);
});
