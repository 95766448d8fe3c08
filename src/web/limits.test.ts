import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';

import type { FastifyInstance } from 'fastify';

import { makeCertificate } from '../../test/helpers/sockets/certificate.ts';
import { tlsFiles } from '../../test/helpers/sockets/tls-files.ts';
import { ask, exchange, open, startWeb, untilClosed } from '../../test/helpers/sockets/web.ts';
import { type WebLimits, webLimits } from './limits.ts';

const KEPT = webLimits();
const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

function routes(app: FastifyInstance): void {
  app.get('/', () => 'hello');
  app.get('/names/:name', ({ params }) => params);
  app.get('/throws', () => {
    throw new Error('secret of the handler');
  });
  app.get('/rejects', async () => {
    throw new TypeError('secret of the promise');
  });
  app.get('/large', () => Buffer.alloc(64 * 1_048_576));
  app.post('/', ({ body }) => String(JSON.stringify(body).length));
  app.post('/small', { bodyLimit: 10 }, ({ body }) => body);
}

function start(t: TestContext, limits: Partial<WebLimits> = {}) {
  return startWeb(t, routes, { limits });
}

function post(path: string, length: number) {
  const body = JSON.stringify('x'.repeat(length - 2));
  return { method: 'POST', path, body, headers: { 'content-type': 'application/json' } };
}

describe('a request', () => {
  test('has a body of 1 MiB at most, or as its route says', async (t) => {
    const { address } = await start(t);
    assert.equal((await ask(address, '/', post('/', 1_048_576))).status, 200);
    assert.equal((await ask(address, '/', post('/', 1_048_577))).status, 413);
    assert.equal((await ask(address, '/small', post('/small', 11))).status, 413);
    const { headers } = await ask(address, '/small', post('/small', 11));
    assert.equal(headers.connection, 'close');
  });

  test('has a body of 1 MiB at most, also when it does not say how long it is', async (t) => {
    const { address } = await start(t);
    const head =
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunk = `100000\r\n${'x'.repeat(0x10_0000)}\r\n`;
    assert.match(await exchange(t, address, head + chunk + chunk), /^HTTP\/1.1 413 /);
  });

  test('has 16 KiB of headers, a hundred of them, and 8 KiB of URL', async (t) => {
    const { address } = await start(t);
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, each) => [`x-${each}`, 'y']));
    assert.equal((await ask(address, '/', { headers: many(90) })).status, 200);
    assert.equal((await ask(address, '/', { headers: many(110) })).status, 431);
    assert.equal((await ask(address, '/', { headers: many(2_500) })).status, 431);
    assert.equal((await ask(address, '/', { headers: { x: 'y'.repeat(17_000) } })).status, 431);
    assert.equal((await ask(address, `/names/${'x'.repeat(4_000)}`)).status, 200);
    assert.equal((await ask(address, `/names/${'x'.repeat(9_000)}`)).status, 414);
    assert.equal((await ask(address, '/', { headers: { x: 'y'.repeat(15_000) } })).status, 200);
  });

  test('of a page of another origin changes nothing, unless CORS is on', async (t) => {
    const { address } = await start(t);
    assert.ok('port' in address);
    const host = `127.0.0.1:${address.port}`;
    const asking = (origin: string, site?: string) => ({
      ...post('/', 5),
      headers: { ...post('/', 5).headers, origin, ...(site !== undefined && { 'sec-fetch-site': site }) },
    });
    for (const origin of ['https://example.org', 'null', '', `http://127.0.0.1:1`]) {
      assert.equal((await ask(address, '/', asking(origin))).status, 403, origin);
    }
    for (const site of ['cross-site', 'same-site', 'none', '']) {
      assert.equal((await ask(address, '/', asking(`http://${host}`, site))).status, 403, site);
    }
    assert.equal((await ask(address, '/', asking(`http://${host}`))).status, 200);
    assert.equal((await ask(address, '/', asking('https://a-proxy.example.org', 'same-origin'))).status, 200);
    assert.equal((await ask(address, '/', { headers: { origin: 'https://example.org' } })).status, 200);
    const { address: open } = await startWeb(t, routes, { cors: true });
    assert.equal((await ask(open, '/', asking('https://example.org'))).status, 200);
  });
});

describe('a request for the name of another site', () => {
  const asking = { headers: { host: 'evil.example:8888' } };

  test('is refused where only this machine may ask, and asks without a login', async (t) => {
    const { address, log } = await start(t);
    const { status, body } = await ask(address, '/', asking);
    assert.equal(status, 421);
    assert.match(body, /this service answers this machine only: .* not "evil\.example:8888"$/);
    assert.equal((await ask(address, '/none', asking)).status, 421);
    assert.equal((await ask(address, '/', { headers: { host: 'localhost' } })).body, 'hello');
    assert.match(await exchange(t, address, 'GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /);
    assert.deepEqual(log.lines, []);
  });

  test('is served if it is our name, if other machines may ask, or if there is a login or cors', async (t) => {
    const auth = { login: 'admin', password: 'secret', realm: 'x' };
    for (const [options, status] of [
      [{ host: 'evil.example' }, 200],
      [{ bind: { ip: '*', port: 0 } }, 200],
      [{ cors: true }, 200],
      [{ auth }, 401],
    ] as const) {
      const { address } = await startWeb(t, routes, options);
      assert.ok('port' in address);
      assert.equal((await ask({ ip: '127.0.0.1', port: address.port }, '/', asking)).status, status);
    }
  });
});

describe('slow clients are dropped', () => {
  const soon = { headersMs: 100, requestMs: 200, checkEveryMs: 20 };

  test('a client that sends nothing', async (t) => {
    const { address } = await start(t, soon);
    assert.match(await untilClosed(open(t, address)), /^HTTP\/1.1 408 Request Timeout\r\nConnection: close/);
  });

  test('a client that lets headers drip', async (t) => {
    const { address } = await start(t, soon);
    const socket = open(t, address);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    const drip = setInterval(() => socket.write('x: y\r\n'), 10);
    t.after(() => clearInterval(drip));
    assert.match(await untilClosed(socket), /^HTTP\/1.1 408 /);
  });

  test('a client that lets a body drip', async (t) => {
    const { address, log } = await start(t, soon);
    const socket = open(t, address);
    socket.write(
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n',
    );
    const drip = setInterval(() => socket.write('1'), 10);
    t.after(() => clearInterval(drip));
    await untilClosed(socket);
    assert.deepEqual(log.lines, []);
  });

  test('a client that does not read the answer', async (t) => {
    const { address } = await start(t, { answerMs: 100 });
    const socket = open(t, address);
    socket.pause();
    socket.write(REQUEST.replace('/', '/large'));
    // Only a write tells who does not read.
    const probe = setInterval(() => socket.write(' '), 10);
    t.after(() => clearInterval(probe));
    await untilClosed(socket);
  });

  test('a client that idles after an answer', async (t) => {
    const { address } = await start(t, { keepAliveMs: 50 });
    const text = await exchange(t, address, REQUEST);
    assert.match(text, /^HTTP\/1.1 200 .*keep-alive.*hello$/is);
  });
});

describe('connections', () => {
  test('beyond the limit are closed, and those that idle make room', async (t) => {
    const { address } = await start(t, { connections: 3 });
    const idle = Array.from({ length: 3 }, () => open(t, address));
    for (const socket of idle) socket.write(REQUEST);
    await Promise.all(idle.map((socket) => once(socket, 'data')));
    const gone = idle.map(untilClosed);
    assert.equal(await untilClosed(open(t, address)), '');
    await Promise.all(gone);
    assert.equal((await ask(address, '/')).body, 'hello');
  });

  test('of one address are a share of them, and the longest silent one makes room', async (t) => {
    const { address } = await start(t, { connections: 9, connectionsOfNetwork: 3 });
    const silent = Array.from({ length: 9 }, () => open(t, address));
    const gone = silent.map(untilClosed);
    await Promise.all(gone.slice(0, 6));
    assert.equal((await ask(address, '/')).body, 'hello');
    assert.equal((await ask(address, '/', { from: '127.0.0.9' })).body, 'hello');
    await gone[6];
    assert.deepEqual(
      silent.slice(7).map(({ closed }) => closed),
      [false, false],
    );
  });

  test('of one address that ask are not silent', async (t) => {
    const { address } = await start(t, { connections: 9, connectionsOfNetwork: 3 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const [[asking]] = (await Promise.all([once(agent, 'free'), ask(address, '/', { agent })])) as [[Socket], unknown];
    const silent = open(t, address);
    await once(silent, 'connect');
    assert.equal((await ask(address, '/', { agent })).body, 'hello');
    const gone = untilClosed(silent);
    const others = Array.from({ length: 2 }, () => open(t, address));
    await Promise.all(others.map((socket) => once(socket, 'connect')));
    await gone;
    assert.equal((await ask(address, '/', { agent })).body, 'hello');
    assert.equal(asking.destroyed, false);
  });

  test('of one address whose answers are under way leave room for others', async (t) => {
    const calls = new EventEmitter();
    const limits = { connections: 9, connectionsOfNetwork: 3 };
    const routes = (app: FastifyInstance): void => {
      app.get('/', () => 'hello');
      app.get('/later', async () => {
        calls.emit('call');
        await once(calls, 'answer');
        return 'later';
      });
    };
    const { address } = await startWeb(t, routes, { limits });
    const asked = [];
    for (let each = 0; each < 3; each++) {
      const called = once(calls, 'call');
      asked.push(ask(address, '/later'));
      await called;
    }
    await assert.rejects(ask(address, '/'), { code: 'ECONNRESET' });
    assert.equal((await ask(address, '/', { from: '127.0.0.9' })).body, 'hello');
    calls.emit('answer');
    for (const answer of asked) assert.equal((await answer).body, 'later');
  });

  test('over TLS are as many, and one without a handshake makes no room', async (t) => {
    const certificate = makeCertificate({ names: ['127.0.0.1'] });
    const tls = tlsFiles(t, certificate);
    const { address } = await startWeb(t, routes, { limits: { connectionsOfNetwork: 2 }, tls });
    const agent = new SecureAgent({ keepAlive: true });
    t.after(() => agent.destroy());
    assert.equal((await ask(address, '/', { ca: certificate.cert, agent })).body, 'hello');
    const silent = open(t, address);
    await once(silent, 'connect');
    assert.equal((await ask(address, '/', { ca: certificate.cert })).body, 'hello');
    assert.equal(silent.closed, false);
  });

  test('are so many that a thousand may listen, and leave descriptors for traffic', () => {
    assert.ok(KEPT.connections <= 2_000 && KEPT.connections >= 64);
    assert.equal(KEPT.streams, Math.round(KEPT.connections * 0.55));
    assert.ok(KEPT.connectionsOfNetwork >= 12 && KEPT.connectionsOfNetwork * 5 <= KEPT.connections);
  });

  test('are kept between requests, and may have some requests under way', async (t) => {
    const { address } = await start(t);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    for (let each = 0; each < 3; each++) assert.equal((await ask(address, '/', { agent })).body, 'hello');
    const names = Array.from({ length: 15 }, (_, each) => `n${each}`);
    const requests = names.map((name) => `GET /names/${name} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join('');
    const last = 'GET /names/last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const text = await exchange(t, address, requests + last);
    const answered = [...text.matchAll(/\{"name":"(\w+)"\}/g)].map(([, name]) => name);
    assert.deepEqual(answered, [...names, 'last']);
  });

  test('that ask for more before they are answered are ended, and nothing more is done for them', async (t) => {
    let calls = 0;
    const { address } = await startWeb(t, (app) => {
      app.get('/', () => {
        calls += 1;
        return 'x'.repeat(100_000);
      });
    });
    await exchange(t, address, REQUEST.repeat(1_000));
    assert.equal(calls, 16);
    assert.equal((await ask(address, '/')).status, 200);
  });
});

test('a handler that throws is a 500 that tells nothing, and a line of the log', async (t) => {
  const { address, log } = await start(t);
  for (const path of ['/throws', '/rejects']) {
    const { status, body } = await ask(address, path);
    assert.deepEqual([status, body], [500, 'Internal Server Error']);
  }
  const said = log.lines.map(({ level, msg, method, route }) => [level, msg, method, route]);
  assert.deepEqual(said, [
    ['error', 'request failed', 'GET', '/throws'],
    ['error', 'request failed', 'GET', '/rejects'],
  ]);
});
