import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';

import { FakeClock } from '../../test/helpers/fakes/fake-clock.ts';
import { temporaryFolder } from '../../test/helpers/processes/cli.ts';
import { ask, basic, open, startWeb } from '../../test/helpers/sockets/web.ts';
import type { SocketAddress } from '../core/address.ts';
import { credentials } from './basic-auth.ts';
import { clientOf } from './client.ts';

const AUTH = { login: 'admin', password: 'p:ä:ss', realm: 'Authorization Required' };
const RIGHT = basic(AUTH.login, AUTH.password);
const WRONG = basic(AUTH.login, 'wrong');

async function guarded(t: TestContext, bind?: SocketAddress) {
  const clock = new FakeClock();
  const calls: string[] = [];
  let server: Server | undefined;
  const started = await startWeb(
    t,
    (app) => {
      server = app.server;
      app.addHook('onRequest', (request, reply, done) => {
        if (request.method === 'OPTIONS') void reply.code(204).send();
        else done();
      });
      app.setNotFoundHandler((_request, reply) => void reply.code(404).send());
      app.get('/', (request) => {
        calls.push(clientOf(request));
        return request.login ?? 'nobody';
      });
      app.post('/', ({ body }) => body);
      app.get('/ping', { config: { isOpen: true } }, () => 'OK');
    },
    { auth: AUTH, clock, ...(bind !== undefined && { bind }) },
  );
  assert.ok(server);
  return { ...started, clock, calls, server };
}

/** Asks, and resets the connection at once. Resolves when the server has closed its end. */
async function sendAndReset(
  t: TestContext,
  server: Server,
  address: SocketAddress,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = open(t, address);
  client.write(`GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${headers['authorization']}\r\n\r\n`, () =>
    client.resetAndDestroy(),
  );
  const [socket] = await accepted;
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

test('the right login is let in, and known to the route', async (t) => {
  const { address } = await guarded(t);
  const { status, body } = await ask(address, '/', { headers: RIGHT });
  assert.deepEqual([status, body], [200, 'admin']);
});

test('without one the answer is empty and asks for it', async (t) => {
  const { address, log } = await guarded(t);
  const { status, body, headers } = await ask(address, '/');
  assert.deepEqual([status, body], [401, '']);
  assert.equal(headers['www-authenticate'], 'Basic realm="Authorization Required"');
  assert.deepEqual(log.lines, []);
});

test('what is open, what does not exist, and OPTIONS need none', async (t) => {
  const { address } = await guarded(t);
  assert.equal((await ask(address, '/ping')).body, 'OK');
  assert.equal((await ask(address, '/none')).status, 404);
  assert.equal((await ask(address, '/', { method: 'OPTIONS' })).status, 204);
});

test('a wrong login is never let in, whatever is wrong with it', async (t) => {
  const { address, clock } = await guarded(t);
  const encode = (text: string) => Buffer.from(text).toString('base64');
  const headers = [
    ['', 'Basic', 'Basic ', 'Basic :', 'Basic =', 'Basic !!!!', 'Bearer x', encode('admin:p:ä:ss')],
    [encode(''), encode(':'), encode('admin'), encode('admin:'), encode('admin:p'), encode('admin:p:ä:ss ')],
    [encode('Admin:p:ä:ss'), encode('admin:p:ä:ss\0'), encode(`admin:${'x'.repeat(8_000)}`), encode('__proto__:x')],
  ].flatMap((each, index) => each.map((text) => (index === 0 ? text : `Basic ${text}`)));
  for (const authorization of headers) {
    clock.advance(60_000);
    assert.equal((await ask(address, '/', { headers: { authorization } })).status, 401, authorization);
  }
});

test('the scheme is in any case, and a password may hold colons and other letters', () => {
  for (const scheme of ['Basic', 'basic', 'BASIC']) {
    assert.deepEqual(credentials(`${scheme} ${Buffer.from('a:b:ü').toString('base64')}`), {
      login: 'a',
      password: 'b:ü',
    });
  }
  assert.equal(credentials(undefined), undefined);
});

test('nothing is read of a client without a login', async (t) => {
  const { address } = await guarded(t);
  const asking = { method: 'POST', body: 'no json', headers: { 'content-type': 'application/json' } };
  assert.equal((await ask(address, '/', asking)).status, 401);
  assert.equal((await ask(address, '/', { ...asking, headers: { ...asking.headers, ...RIGHT } })).status, 400);
});

describe('a client with too many wrong logins', () => {
  test('has to wait, right or wrong, and the log says so without the password', async (t) => {
    const { address, clock, log } = await guarded(t);
    for (let wrong = 0; wrong < 10; wrong++) assert.equal((await ask(address, '/', { headers: WRONG })).status, 401);
    for (const headers of [WRONG, RIGHT]) {
      const { status, body, headers: said } = await ask(address, '/', { headers });
      assert.deepEqual([status, body, said['retry-after']], [429, '', '6']);
    }
    assert.equal((await ask(address, '/ping', { headers: RIGHT })).status, 200);
    const messages = log.lines.map(({ level, msg, client }) => [level, msg, client]);
    assert.deepEqual(messages, [
      ['warn', 'wrong login', '127.0.0.1'],
      ['warn', 'wrong login', '127.0.0.1'],
    ]);
    assert.ok(!JSON.stringify(log.lines).includes('wrong"'));

    clock.advance(6_000);
    assert.equal((await ask(address, '/', { headers: RIGHT })).status, 200);
    assert.equal((await ask(address, '/', { headers: WRONG })).status, 401);
    assert.equal((await ask(address, '/', { headers: RIGHT })).status, 429);
  });

  test('is not let in by a reset after which the kernel has forgotten its address', async (t) => {
    const { address, calls, server } = await guarded(t);
    const hits = async (headers: Readonly<Record<string, string>>) => {
      for (let hit = 0; hit < 10; hit++) await sendAndReset(t, server, address, headers);
    };
    await hits(WRONG);
    for (let wrong = 0; wrong < 10; wrong++) await ask(address, '/', { headers: WRONG });
    assert.equal((await ask(address, '/', { headers: RIGHT })).status, 429);
    await hits(RIGHT);
    assert.deepEqual(calls, []);
  });

  test('is not counted for asking without a login, or over a unix socket', async (t) => {
    const { address } = await guarded(t);
    for (let each = 0; each < 30; each++) assert.equal((await ask(address, '/')).status, 401);
    assert.equal((await ask(address, '/', { headers: RIGHT })).status, 200);

    const folder = temporaryFolder(t);
    const { address: path } = await guarded(t, { path: join(folder, 'x.sock') });
    for (let each = 0; each < 30; each++) assert.equal((await ask(path, '/', { headers: WRONG })).status, 401);
    assert.equal((await ask(path, '/', { headers: RIGHT })).status, 200);
  });
});
