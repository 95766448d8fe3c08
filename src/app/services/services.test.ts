import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import { test, type TestContext } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { LOCAL_NAMES } from '../../../test/helpers/fakes/local-names.ts';
import { fakeControl } from '../../../test/helpers/fakes/fake-control.ts';
import { ask, basic } from '../../../test/helpers/sockets/web.ts';
import type { SocketAddress } from '../../core/address.ts';
import type { Control } from '../../core/control.ts';
import type { Actor, ServerSteering } from '../../core/steering.ts';
import { createLog } from '../../log/log.ts';
import { Binds } from '../runtime/binds.ts';
import { Services, type ServicesConfig } from './services.ts';

function servicesOf(t: TestContext, control: Control = fakeControl()) {
  const clock = new FakeClock();
  const log = createLog({ level: 'panic', output: 'stderr', format: 'text' });
  const services = new Services({ control, binds: new Binds(LOCAL_NAMES), clock, log });
  t.after(() => services.stop());
  return { services, clock };
}

function apiAt(host: string, port = 0): Required<Pick<ServicesConfig, 'api'>> {
  return { api: { bind: { host, port }, cors: false } };
}

/** An API whose next change of a server waits until `finish`. */
async function changing(t: TestContext) {
  const calls = new EventEmitter();
  const remove = async (): Promise<void> => {
    calls.emit('call');
    await once(calls, 'finish');
  };
  const { services, clock } = servicesOf(t, fakeControl({ servers: { remove } }));
  await services.apply(apiAt('127.0.0.1'));
  const called = once(calls, 'call');
  const answered = ask(services.address('api') as SocketAddress, '/servers/web?drain=10m', { method: 'DELETE' });
  await called;
  return { services, clock, answered, finish: () => calls.emit('finish') };
}

test('a long request to a service that moves is answered when it is done', async (t) => {
  const { services, clock, answered, finish } = await changing(t);
  await services.apply(apiAt('127.0.0.2'));
  clock.advance(600_000);
  finish();
  assert.equal((await answered).status, 200);
});

test('a stop waits a second for the answers of a service that has moved', async (t) => {
  const { services, clock, answered } = await changing(t);
  await services.apply(apiAt('127.0.0.2'));
  clock.advance(600_000);
  const cut = assert.rejects(answered, { code: 'ECONNRESET' });
  const stopped = services.stop();
  clock.advance(1_000);
  await Promise.all([cut, stopped]);
});

test('the operator of a change is named, also with an empty login', async (t) => {
  const actors: Actor[] = [];
  const remove = async (...[, , by]: Parameters<ServerSteering['remove']>): Promise<void> => void actors.push(by);
  const { services } = servicesOf(t, fakeControl({ servers: { remove } }));
  await services.apply({ api: { ...apiAt('127.0.0.1').api, basicAuth: { login: '', password: 'secret' } } });
  for (const path of ['/servers/web', '/v1/servers/web']) {
    const asking = { method: 'DELETE', headers: basic('', 'secret') };
    assert.equal((await ask(services.address('api') as SocketAddress, path, asking)).status, 200);
  }
  const by: Actor = { via: 'api', client: '127.0.0.1', login: '' };
  assert.deepEqual(actors, [by, by]);
});

test('nothing runs when the first service could not be opened, or the last is closed', async (t) => {
  const busy = createServer().listen(0, '127.0.0.1');
  t.after(() => busy.close());
  await once(busy, 'listening');
  const { port } = busy.address() as { port: number };
  const { services, clock } = servicesOf(t);
  await assert.rejects(services.apply(apiAt('127.0.0.1', port)), { code: 'TSLB_BIND' });
  assert.equal(clock.timers, 0);
  await services.apply(apiAt('127.0.0.1'));
  assert.equal(clock.timers, 1);
  await services.apply({});
  await services.stop();
  assert.equal(clock.timers, 0);
});
