import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { linkSync, lstatSync, rmSync, writeFileSync } from 'node:fs';
import { Agent as SecureAgent } from 'node:https';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import type { FastifyInstance } from 'fastify';

import { temporaryFolder } from '../../test/helpers/processes/cli.ts';
import { makeCertificate } from '../../test/helpers/sockets/certificate.ts';
import { tlsFiles } from '../../test/helpers/sockets/tls-files.ts';
import { ask, open, startWeb, TestLog, untilClosed } from '../../test/helpers/sockets/web.ts';
import { systemClock } from '../core/clock.ts';
import { openWeb } from './web.ts';

function hello(app: FastifyInstance): void {
  app.get('/', () => 'hello');
}

function opening(bind: { readonly ip: string; readonly port: number } | { readonly path: string }) {
  return openWeb({ service: 'api', bind, clock: systemClock, log: new TestLog().logger }, hello);
}

test('a service answers at the port that the kernel chose, until it is closed', async (t) => {
  const { web, address } = await startWeb(t, hello);
  assert.ok('port' in address && address.port > 0);
  const { status, body, headers } = await ask(address, '/');
  assert.deepEqual([status, body], [200, 'hello']);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'");
  await Promise.all([web.close(), web.close()]);
  await assert.rejects(ask(address, '/'), { code: 'ECONNREFUSED' });
});

test('a bind to every address takes IPv4 and IPv6', async (t) => {
  const { address } = await startWeb(t, (app) => void app.get('/', ({ raw }) => raw.socket.remoteAddress), {
    bind: { ip: '*', port: 0 },
  });
  assert.ok('port' in address);
  assert.equal(address.ip, '*');
  assert.equal((await ask({ ip: '127.0.0.1', port: address.port }, '/')).status, 200);
  assert.equal((await ask({ ip: '::1', port: address.port }, '/')).body, '::1');
});

test('what does not exist is 404, HEAD of what has only GET too', async (t) => {
  const { address } = await startWeb(t, hello);
  assert.equal((await ask(address, '/none')).status, 404);
  assert.equal((await ask(address, '/', { method: 'HEAD' })).status, 404);
  assert.equal((await ask(address, '/', { method: 'PROPFIND' })).status, 404);
});

test('an error of one accept does not end the service', async (t) => {
  let server: Server | undefined;
  const { address, log } = await startWeb(t, (app) => {
    hello(app);
    server = app.server;
  });
  server?.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  assert.equal((await ask(address, '/')).body, 'hello');
  assert.deepEqual(
    log.lines.map(({ level, msg }) => [level, msg]),
    [['debug', 'client not accepted']],
  );
});

test('what was registered is told of a service that cannot be opened', async (t) => {
  const { address } = await startWeb(t, hello);
  const closed: string[] = [];
  const again = startWeb(t, (app) => void app.addHook('onClose', async () => void closed.push('closed')), {
    bind: address,
  });
  await assert.rejects(again, { code: 'TSLB_BIND' });
  assert.deepEqual(closed, ['closed']);
});

describe('an address that cannot be had', () => {
  test('is in use', async (t) => {
    const { address } = await startWeb(t, hello);
    assert.ok('port' in address);
    const message = `api: 127.0.0.1:${address.port} is already in use`;
    await assert.rejects(opening(address), { code: 'TSLB_BIND', message });
  });

  test('is not of this machine', async () => {
    const message = 'api: 192.0.2.1:0 is not an address of this machine';
    await assert.rejects(opening({ ip: '192.0.2.1', port: 0 }), { code: 'TSLB_BIND', message });
  });

  test('is a path in a directory that is not there, or a file', async (t) => {
    const path = temporaryFolder(t);
    await assert.rejects(opening({ path: join(path, 'none', 'x.sock') }), /cannot be created: its directory/);
    writeFileSync(join(path, 'file'), 'precious');
    await assert.rejects(opening({ path: join(path, 'file') }), /file is already in use/);
    assert.equal(lstatSync(join(path, 'file')).size, 8);
    await assert.rejects(opening({ path: join(path, 'x'.repeat(108)) }), { code: 'TSLB_BIND' });
  });
});

describe('a unix socket', () => {
  test('is for its user alone, and gone when the service is closed', async (t) => {
    const path = join(temporaryFolder(t), 'x.sock');
    const { web, address } = await startWeb(t, hello, { bind: { path } });
    assert.deepEqual(address, { path });
    assert.equal(lstatSync(path).mode & 0o7777, 0o600);
    assert.equal((await ask(address, '/')).body, 'hello');
    await web.close();
    assert.equal(lstatSync(path, { throwIfNoEntry: false }), undefined);
  });

  test('of a living process is in use, and goes on', async (t) => {
    const path = join(temporaryFolder(t), 'x.sock');
    const { address } = await startWeb(t, hello, { bind: { path } });
    await assert.rejects(opening({ path }), { code: 'TSLB_BIND', message: `api: unix:${path} is already in use` });
    assert.equal((await ask(address, '/')).body, 'hello');
  });

  test('of a dead process is replaced', async (t) => {
    const path = join(temporaryFolder(t), 'x.sock');
    const other = join(temporaryFolder(t), 'y.sock');
    const dead = createServer().listen(other);
    await once(dead, 'listening');
    linkSync(other, path);
    dead.close();
    await once(dead, 'close');
    const { address } = await startWeb(t, hello, { bind: { path } });
    assert.equal((await ask(address, '/')).body, 'hello');
  });

  test('that another process has made meanwhile is not removed', async (t) => {
    const path = join(temporaryFolder(t), 'x.sock');
    const { web } = await startWeb(t, hello, { bind: { path } });
    rmSync(path);
    const { address } = await startWeb(t, hello, { bind: { path } });
    await web.close();
    assert.equal((await ask(address, '/')).body, 'hello');
  });
});

describe('TLS', () => {
  const certificate = makeCertificate({ names: ['127.0.0.1'] });

  test('serves with the certificate of the files, and with the next one when told so', async (t) => {
    const tls = tlsFiles(t, certificate);
    const { web, address } = await startWeb(t, hello, { tls });
    assert.equal((await ask(address, '/', { ca: certificate.cert })).body, 'hello');
    const next = makeCertificate({ names: ['127.0.0.1'] });
    writeFileSync(tls.certPath, next.cert);
    await assert.rejects(web.renewTls(), { code: 'TSLB_WEB_TLS' });
    assert.equal((await ask(address, '/', { ca: certificate.cert })).body, 'hello');
    writeFileSync(tls.keyPath, next.key);
    await web.renewTls();
    assert.equal((await ask(address, '/', { ca: next.cert })).body, 'hello');
  });

  test('gives the answers that are under way to their end when it is retired', async (t) => {
    const calls = new EventEmitter();
    const called = once(calls, 'call');
    const routes = (app: FastifyInstance): void => {
      app.get('/', async () => {
        calls.emit('call');
        await once(calls, 'answer');
        return 'x'.repeat(5_000_000);
      });
    };
    const { web, address } = await startWeb(t, routes, { tls: tlsFiles(t, certificate) });
    const agent = new SecureAgent({ keepAlive: true });
    t.after(() => agent.destroy());
    const answered = ask(address, '/', { ca: certificate.cert, agent });
    await called;
    const retired = web.retire();
    calls.emit('answer');
    assert.equal((await answered).body.length, 5_000_000);
    await retired;
  });

  test('names the file that is at fault', async (t) => {
    const tls = tlsFiles(t, certificate);
    const failure = (changed: Partial<typeof tls>) =>
      startWeb(t, hello, { tls: { ...tls, ...changed } }).then(
        () => 'opened',
        (error: unknown) => String(error),
      );
    assert.match(await failure({ certPath: '/none' }), /api: the certificate \/none cannot be read: ENOENT/);
    assert.match(await failure({ keyPath: '/none' }), /api: the key \/none cannot be read: ENOENT/);
    assert.match(await failure({ certPath: tls.keyPath }), /the certificate \S+key\.pem cannot be used/);
    assert.match(await failure({ keyPath: tls.certPath }), /the key \S+cert\.pem cannot be used/);
    const other = tlsFiles(t, makeCertificate({ names: ['127.0.0.1'] }));
    assert.match(
      await failure({ keyPath: other.keyPath }),
      /the key \S+ with the certificate \S+ cannot be used: .*key values mismatch/,
    );
  });

  test('closes clients that speak plain HTTP or never shake hands', async (t) => {
    const limits = { handshakeMs: 50 };
    const { web, address } = await startWeb(t, hello, { tls: tlsFiles(t, certificate), limits });
    const plain = open(t, address);
    plain.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.ok(!(await untilClosed(plain)).includes('hello'));
    await untilClosed(open(t, address));
    const silent = open(t, address);
    await once(silent, 'connect');
    await web.close();
    await untilClosed(silent);
  });
});
