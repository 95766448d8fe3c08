import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';

import type { FastifyInstance } from 'fastify';

import { FakeClock } from '../../test/helpers/fakes/fake-clock.ts';
import { temporaryFolder } from '../../test/helpers/processes/cli.ts';
import { ask, open, startWeb, TestLog, untilClosed } from '../../test/helpers/sockets/web.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { EventStream } from './event-stream.ts';
import { openWeb } from './web.ts';

function hello(app: FastifyInstance): void {
  app.get('/', () => 'hello');
}

describe('a close', () => {
  test('ends connections that idle, that have said nothing, and streams', async (t) => {
    const stream = new EventStream({ clock: systemClock });
    const { web, address } = await startWeb(t, (app) => {
      hello(app);
      app.get('/events', (_request, reply) => void stream.open(reply, { wants: () => true }));
    });
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    await ask(address, '/', { agent });
    const silent = open(t, address);
    const listening = open(t, address);
    listening.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await Promise.all([once(silent, 'connect'), once(listening, 'data')]);
    assert.equal(stream.clients, 1);
    await web.close();
    await Promise.all([untilClosed(silent), untilClosed(listening)]);
    assert.equal(stream.clients, 0);
  });

  test('lets an answer that is under way come', async (t) => {
    let answer: (text: string) => void = () => undefined;
    const { web, answered } = await askedOf(t, () => new Promise<string>((resolve) => (answer = resolve)));
    const closed = web.close();
    answer('last');
    assert.equal((await answered).body, 'last');
    await closed;
  });

  test('waits for it as long as it takes, where the service only retires', async (t) => {
    const clock = new FakeClock();
    let answer: (text: string) => void = () => undefined;
    const { web, answered, address } = await askedOf(
      t,
      () => new Promise<string>((resolve) => (answer = resolve)),
      clock,
    );
    const silent = open(t, address);
    await once(silent, 'connect');
    const retired = web.retire();
    await untilClosed(silent);
    await assert.rejects(ask(address, '/'), { code: 'ECONNREFUSED' });
    clock.advance(600_000);
    answer('last');
    assert.equal((await answered).body, 'last');
    await retired;
    assert.equal(clock.timers, 0);
  });

  test('cuts a client that has not sent its whole request a second after the service has retired', async (t) => {
    const clock = new FakeClock();
    const { web, address } = await startWeb(t, (app) => void app.post('/', () => 'hello'), { clock });
    const slow = open(t, address);
    slow.write('POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n');
    await once(slow, 'data');
    const retired = web.retire();
    clock.advance(1_000);
    await Promise.all([untilClosed(slow), retired]);
  });

  test('does not wait for one that never comes, also after the service has retired', async (t) => {
    const clock = new FakeClock();
    const { web, answered } = await askedOf(t, () => new Promise<string>(() => undefined), clock);
    const cut = assert.rejects(answered, { code: 'ECONNRESET' });
    const retired = web.retire();
    clock.advance(600_000);
    const closed = web.close();
    clock.advance(1_000);
    await Promise.all([cut, closed, retired]);
  });

  test('closes also when the file of its socket cannot be removed', async (t) => {
    const path = temporaryFolder(t);
    mkdirSync(join(path, 'sub'));
    const bind = { path: join(path, 'sub', 'x.sock') };
    const web = await openWeb({ service: 'api', bind, clock: systemClock, log: new TestLog().logger }, hello);
    const listening = open(t, bind);
    await once(listening, 'connect');
    renameSync(join(path, 'sub'), join(path, 'other'));
    writeFileSync(join(path, 'sub'), '');
    await Promise.all([untilClosed(listening), assert.rejects(web.close(), { code: 'ENOTDIR' })]);
    await assert.rejects(ask({ path: join(path, 'other', 'x.sock') }, '/'), { code: 'ECONNREFUSED' });
  });

  test('does not wait for one that never comes', async (t) => {
    const { web, answered } = await askedOf(t, () => new Promise<string>(() => undefined));
    const cut = assert.rejects(answered, { code: 'ECONNRESET' });
    await web.close();
    await cut;
  });

  test('gives back every descriptor', { skip: !existsSync('/proc/self/fd') }, async (t) => {
    const descriptors = () => readdirSync('/proc/self/fd').length;
    // What is opened once and for all is open then.
    await startWeb(t, hello).then(({ web }) => web.close());
    const before = descriptors();
    for (let round = 0; round < 3; round++) {
      const { web, address } = await startWeb(t, hello);
      const clients = Array.from({ length: 50 }, () => open(t, address));
      await Promise.all(clients.map((client) => once(client, 'connect')));
      const closed = clients.map(untilClosed);
      await web.close();
      await Promise.all(closed);
    }
    assert.equal(descriptors(), before);
  });

  /** A request whose handler has been called. */
  async function askedOf(t: TestContext, handler: () => Promise<string>, clock: Clock = systemClock) {
    const calls = new EventEmitter();
    const called = once(calls, 'call');
    const routes = (app: FastifyInstance): void => {
      app.get('/', () => {
        calls.emit('call');
        return handler();
      });
    };
    const { web, address } = await startWeb(t, routes, { clock });
    const answered = ask(address, '/');
    await called;
    return { web, address, answered };
  }
});
