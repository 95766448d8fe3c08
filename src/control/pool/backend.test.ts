import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock, turn } from '../../../test/helpers/fake-clock.ts';
import { FakeLookup } from '../../../test/helpers/fake-lookup.ts';
import type { NamedAddress } from '../../core/address.ts';
import { Names } from '../../io/names.ts';
import { Backend } from './backend.ts';

function unexpected(): never {
  throw new Error('nobody should hear of it');
}

function backendAt(target: NamedAddress): Backend {
  return new Backend({ target, weight: 2, priority: 3, maxConnections: 4 }, 5);
}

test('a literal address or a unix path needs no name: it may be elected at once', async () => {
  const lookup = new FakeLookup();
  const names = new Names(new FakeClock(), lookup.find);
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
    assert.equal(backend.candidate, undefined);
    let changes = 0;
    backend.resolve(names, () => changes++, assert.ifError);
    await backend.heard;
    assert.equal(changes, 1);
    assert.deepEqual(backend.candidate, {
      slot: 5,
      key: backend.key,
      addresses: [address],
      weight: 2,
      priority: 3,
      maxConnections: 4,
    });
    backend.stop();
  }
  assert.deepEqual(lookup.asked, []);
});

test('a name gives its port to each address, and its backend is no candidate before', async () => {
  const lookup = new FakeLookup();
  const backend = backendAt({ host: 'web', port: 81 });
  let changes = 0;
  backend.resolve(new Names(new FakeClock(), lookup.find), () => changes++, assert.ifError);
  await turn();
  assert.deepEqual([backend.candidate, changes], [undefined, 0]);
  lookup.answer('web', ['192.0.2.1', '2001:db8::1']);
  await backend.heard;
  assert.equal(changes, 1);
  assert.deepEqual(backend.candidate?.addresses, [
    { ip: '192.0.2.1', port: 81 },
    { ip: '2001:db8::1', port: 81 },
  ]);
  assert.equal(backend.candidate.key, 'web:81');
  backend.isDiscovered = false;
  assert.equal(backend.candidate, undefined, 'not on the list, not a candidate');
});

test('it is heard of also when its name fails, and when it is stopped before an answer', async () => {
  const lookup = new FakeLookup();
  const failed = backendAt({ host: 'nowhere', port: 80 });
  const errors: string[] = [];
  const clock = new FakeClock();
  failed.resolve(new Names(clock, lookup.find), unexpected, ({ message }) => errors.push(message));
  await turn();
  lookup.fail('nowhere', 'no such name');
  await failed.heard;
  assert.deepEqual([errors, failed.candidate], [['no such name'], undefined]);
  failed.stop();
  assert.equal(clock.timers, 0, 'nobody asks for it any more');

  const stopped = backendAt({ host: 'slow', port: 80 });
  stopped.resolve(new Names(clock, lookup.find), unexpected, unexpected);
  await turn();
  stopped.stop();
  await stopped.heard;
  lookup.answer('slow', ['192.0.2.1']);
  await turn();
  assert.deepEqual([stopped.candidate, clock.timers], [undefined, 0]);
});
