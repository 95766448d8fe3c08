import assert from 'node:assert/strict';
import { test } from 'node:test';

import { turn } from '../../test/helpers/fakes/fake-clock.ts';
import { FakeLookup } from '../../test/helpers/fakes/fake-lookup.ts';
import { Lookups } from './lookups.ts';

const NEVER = new AbortController().signal;

test('an address is not looked up', async () => {
  const lookup = new FakeLookup();
  const lookups = new Lookups(lookup.find);
  assert.deepEqual(await lookups.addresses('127.0.0.1', NEVER), ['127.0.0.1']);
  assert.deepEqual(await lookups.addresses('::1', NEVER), ['::1']);
  assert.deepEqual(lookup.asked, []);
});

test('a name is looked up once for all that wait', async () => {
  const lookup = new FakeLookup();
  const lookups = new Lookups(lookup.find);
  const answers = [1, 2, 3].map(() => lookups.addresses('web', NEVER));
  lookup.answer('web', ['10.0.0.1']);
  assert.deepEqual(await Promise.all(answers), [['10.0.0.1'], ['10.0.0.1'], ['10.0.0.1']]);
  assert.deepEqual(lookup.asked, ['web']);
});

test('a caller that gives up leaves the lookup to the next one', async () => {
  const lookup = new FakeLookup();
  const lookups = new Lookups(lookup.find);
  const late = new AbortController();
  const first = lookups.addresses('web', late.signal);
  late.abort();
  await assert.rejects(first, /name not resolved/);
  await assert.rejects(lookups.addresses('web', AbortSignal.abort()), /name not resolved/);
  const next = lookups.addresses('web', NEVER);
  lookup.answer('web', ['10.0.0.1']);
  assert.deepEqual(await next, ['10.0.0.1']);
  assert.deepEqual(lookup.asked, ['web']);
});

test('what was found before still counts while the name server says nothing, or no', async () => {
  const lookup = new FakeLookup();
  const lookups = new Lookups(lookup.find);
  const first = lookups.addresses('web', NEVER);
  lookup.answer('web', ['10.0.0.1']);
  await first;
  assert.deepEqual(await lookups.addresses('web', NEVER), ['10.0.0.1']);
  lookup.fail('web', 'no answer');
  await turn();
  assert.deepEqual(await lookups.addresses('web', NEVER), ['10.0.0.1']);
  lookup.answer('web', ['10.0.0.2']);
  await turn();
  assert.deepEqual(await lookups.addresses('web', NEVER), ['10.0.0.2']);
});

test('a name that was never found fails with what the system says', async () => {
  const lookup = new FakeLookup();
  const lookups = new Lookups(lookup.find);
  const failing = lookups.addresses('web', NEVER);
  lookup.fail('web', 'no such name');
  await assert.rejects(failing, /no such name/);
  const empty = lookups.addresses('web', NEVER);
  lookup.answer('web', []);
  await assert.rejects(empty, /no address/);
});
