import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock, turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { FakeLookup } from '../../../test/helpers/fakes/fake-lookup.ts';
import type { NamedAddress } from '../../core/address.ts';
import { Resolver } from '../../io/names/resolver.ts';
import { Backend } from './backend.ts';

function unexpected(): never {
  throw new Error('nobody should hear of it');
}

function backendAt(target: NamedAddress): Backend {
  return new Backend({ target, weight: 2, priority: 3, maxConnections: 4 }, { slot: 5, serial: 6 });
}

test('a literal address or a unix path needs no name: it is known at once', async () => {
  const lookup = new FakeLookup();
  const names = new Resolver(new FakeClock(), lookup.find);
  for (const [target, address] of [
    [
      { host: '127.0.0.1', port: 80 },
      { ip: '127.0.0.1', port: 80 },
    ],
    [
      { host: '::1', port: 80 },
      { ip: '::1', port: 80 },
    ],
    [{ path: '/run/x.sock' }, { path: '/run/x.sock' }],
  ] as const) {
    const backend = backendAt(target);
    assert.equal(backend.addresses, undefined);
    let changes = 0;
    backend.resolve(names, () => changes++, assert.ifError);
    await backend.heard;
    assert.equal(changes, 1);
    assert.deepEqual([backend.addresses, backend.slot, backend.serial], [[address], 5, 6]);
    backend.stop();
  }
  assert.deepEqual(lookup.asked, []);
});

test('a name gives its port to each address, and there is none before', async () => {
  const lookup = new FakeLookup();
  const backend = backendAt({ host: 'web', port: 81 });
  let changes = 0;
  backend.resolve(new Resolver(new FakeClock(), lookup.find), () => changes++, assert.ifError);
  await turn();
  assert.deepEqual([backend.addresses, changes], [undefined, 0]);
  lookup.answer('web', ['192.0.2.1', '2001:db8::1']);
  await backend.heard;
  assert.equal(changes, 1);
  assert.deepEqual(backend.addresses, [
    { ip: '192.0.2.1', port: 81 },
    { ip: '2001:db8::1', port: 81 },
  ]);
  assert.equal(backend.key, 'web:81');
});

test('it is heard of also when its name fails, and when it is stopped before an answer', async () => {
  const lookup = new FakeLookup();
  const failed = backendAt({ host: 'nowhere', port: 80 });
  const errors: string[] = [];
  const clock = new FakeClock();
  failed.resolve(new Resolver(clock, lookup.find), unexpected, ({ message }) => errors.push(message));
  await turn();
  lookup.fail('nowhere', 'no such name');
  await failed.heard;
  assert.deepEqual([errors, failed.addresses], [['no such name'], undefined]);
  failed.stop();
  assert.equal(clock.timers, 0, 'nobody asks for it any more');

  const stopped = backendAt({ host: 'slow', port: 80 });
  stopped.resolve(new Resolver(clock, lookup.find), unexpected, unexpected);
  await turn();
  stopped.stop();
  await stopped.heard;
  lookup.answer('slow', ['192.0.2.1']);
  await turn();
  assert.deepEqual([stopped.addresses, clock.timers], [undefined, 0]);
});

test('an override of its state wins over that of the list; without checks it is live', () => {
  const backend = backendAt({ host: '127.0.0.1', port: 80 });
  assert.deepEqual([backend.state, backend.isLive], ['enabled', true]);
  backend.spec = { ...backend.spec, state: 'draining' };
  assert.equal(backend.state, 'draining');
  backend.override = { state: 'enabled' };
  assert.equal(backend.state, 'enabled');
  backend.override = {};
  assert.equal(backend.state, 'draining');
  backend.health = { isLive: false, state: 'down', reason: 'refused', consecutive: 1, durationMs: 1 };
  assert.equal(backend.isLive, false);
});
