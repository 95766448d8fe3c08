import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock, turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { FakeLookup } from '../../../test/helpers/fakes/fake-lookup.ts';
import { TslbError } from '../../core/errors.ts';
import { Resolver } from '../../io/names/resolver.ts';
import { Binds } from './binds.ts';

function binding() {
  const lookup = new FakeLookup();
  const clock = new FakeClock();
  return { clock, lookup, binds: new Binds(new Resolver(clock, lookup.find)) };
}

test('addresses, all addresses and paths need no name', async () => {
  const { binds, lookup } = binding();
  const resolved = await Promise.all([
    binds.resolve({ host: '127.0.0.1', port: 80 }, 'server "web"'),
    binds.resolve({ host: '::1', port: 81 }, 'server "web"'),
    binds.resolve({ host: '*', port: 82 }, 'server "web"'),
    binds.resolve({ path: '/run/x.sock' }, 'server "web"'),
  ]);
  const expected = [
    { ip: '127.0.0.1', port: 80 },
    { ip: '::1', port: 81 },
    { ip: '*', port: 82 },
    { path: '/run/x.sock' },
  ];
  assert.deepEqual(resolved, expected);
  assert.deepEqual(lookup.asked, []);
});

test('a name stands for its first address, and goes on doing so', async () => {
  const { binds, lookup } = binding();
  const first = binds.resolve({ host: 'web', port: 80 }, 'server "web"');
  await turn();
  lookup.answer('web', ['192.0.2.1', '192.0.2.2']);
  assert.deepEqual(await first, { ip: '192.0.2.1', port: 80 });
  assert.deepEqual(await binds.resolve({ host: 'web', port: 80 }, 'server "web"'), { ip: '192.0.2.1', port: 80 });
  assert.deepEqual(lookup.asked, ['web'], 'its listener is open; the name is not asked for again');
});

test('a name that cannot be resolved, or has no address, fails by its code and is asked for again', async () => {
  const { clock, binds, lookup } = binding();
  const answers = [() => lookup.fail('web', 'no such host'), () => lookup.answer('web', [])];
  for (const [index, answer] of answers.entries()) {
    const resolving = binds.resolve({ host: 'web', port: 80 }, 'server "web"');
    const expected = [/"web": no such host/, /"web": the name has no address/][index]!;
    const failed = assert.rejects(resolving, (error: unknown) => {
      assert.ok(error instanceof TslbError && error.cause instanceof Error);
      assert.equal(error.code, 'TSLB_BIND_NAME');
      assert.match(error.message, expected);
      return true;
    });
    await turn();
    answer();
    await failed;
    clock.advance(2_000);
  }
  const again = binds.resolve({ host: 'web', port: 80 }, 'server "web"');
  await turn();
  lookup.answer('web', ['192.0.2.3']);
  assert.deepEqual(await again, { ip: '192.0.2.3', port: 80 });
});
