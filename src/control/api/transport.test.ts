import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { JSON_TYPE, startApi, typeOf } from '../../../test/helpers/fakes/api-scene.ts';
import { type Answer, basic } from '../../../test/helpers/sockets/web.ts';

const LOGIN = { login: 'admin', password: 'secret', realm: 'Authorization Required' } as const;
const FOREIGN = { origin: 'http://page.example' } as const;

describe('§9.1 answers in JSON', () => {
  test('are indented by 4 spaces, with the keys of a map sorted by bytes and no line end', async (t) => {
    const { control, api } = await startApi(t);
    for (const name of ['b', 'a', '10', '9', 'é', 'Z']) control.configs.set(name, { bind: name, access: null });
    const answer = await api('/servers');
    assert.equal(typeOf(answer), JSON_TYPE);
    const entry = (name: string): string =>
      `    "${name}": {\n        "bind": "${name}",\n        "access": null\n    }`;
    assert.equal(answer.body, `{\n${['10', '9', 'Z', 'a', 'b', 'é'].map(entry).join(',\n')}\n}`);
  });

  test('are safe within HTML', async (t) => {
    const { control, api } = await startApi(t);
    control.configs.set('web', { bind: '<script>&\u2028' });
    const { body } = await api('/servers/web');
    assert.equal(body, String.raw`{` + '\n    "bind": "' + String.raw`\u003cscript\u003e\u0026\u2028` + '"\n}');
  });
});

describe('§9.1 with a login', () => {
  test('a client without one gets 401, an empty body, and is asked for it', async (t) => {
    const { control, api } = await startApi(t, { auth: LOGIN });
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/dump'],
      ['GET', '/servers'],
      ['GET', '/servers/web'],
      ['GET', '/servers/web/stats'],
      ['POST', '/servers/web'],
      ['DELETE', '/servers/web'],
    ] as const) {
      const { status, headers, body } = await api(path, { method, headers: basic('admin', 'wrong') });
      assert.deepEqual([status, body], [401, ''], `${method} ${path}`);
      assert.equal(headers['www-authenticate'], 'Basic realm="Authorization Required"');
    }
    assert.deepEqual(control.asked, []);
  });

  test('a client with it is answered, and named as the operator of its changes', async (t) => {
    const { control, api } = await startApi(t, { auth: LOGIN });
    const headers = basic('admin', 'secret');
    assert.equal((await api('/servers', { headers })).body, '{}');
    await api('/servers/web', { method: 'DELETE', headers });
    assert.deepEqual(control.asked, [['web', { drainMs: 0 }, { via: 'api', client: '127.0.0.1', login: 'admin' }]]);
  });

  test('/ping, what is not there, and a slash too much need none', async (t) => {
    const { api } = await startApi(t, { auth: LOGIN });
    assert.equal((await api('/ping')).body, 'OK');
    assert.equal((await api('/nothing')).status, 404);
    assert.equal((await api('/servers/')).status, 301);
  });
});

test('a page of another site that has its name lead here is told why it gets nothing', async (t) => {
  const { control, api } = await startApi(t);
  for (const [method, path] of [
    ['GET', '/dump'],
    ['POST', '/servers/web'],
  ] as const) {
    const answer = await api(path, { method, headers: { host: 'evil.example', origin: 'http://evil.example' } });
    assert.deepEqual([answer.status, typeOf(answer)], [421, JSON_TYPE]);
    assert.match(answer.body, /^"this service answers this machine only/);
  }
  assert.deepEqual(control.asked, []);
});

describe('§9.1 with cors', () => {
  const ALLOWED = { 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' };
  const allowing = ({ headers }: Answer): object =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));

  test('every answer to a page of another origin says that it may be read', async (t) => {
    const { api } = await startApi(t, { auth: LOGIN, cors: true });
    for (const path of ['/ping', '/servers', '/nothing', '/servers/']) {
      assert.deepEqual(allowing(await api(path, { headers: FOREIGN })), ALLOWED, path);
    }
  });

  test("a page of the API's own host, and a program, are told nothing", async (t) => {
    const { api } = await startApi(t, { cors: true });
    for (const headers of [
      { host: 'lb.example:8888', origin: 'http://lb.example:8888' },
      { host: 'lb.example', origin: 'https://lb.example' },
      {},
    ]) {
      assert.deepEqual(allowing(await api('/ping', { headers })), {}, JSON.stringify(headers));
    }
  });

  test('a preflight is answered with 204 on every path, before the login', async (t) => {
    const { api } = await startApi(t, { auth: LOGIN, cors: true });
    for (const path of ['/', '/servers/web', '/nothing']) {
      const answer = await api(path, { method: 'OPTIONS', headers: FOREIGN });
      assert.deepEqual([answer.status, answer.body], [204, '']);
      assert.deepEqual(allowing(answer), {
        ...ALLOWED,
        'access-control-allow-methods': 'PUT,POST,DELETE,GET,OPTIONS',
        'access-control-allow-headers': 'Origin,Authorization',
        'access-control-max-age': '43200',
      });
    }
  });

  test('a preflight for our own routes may ask for what those take', async (t) => {
    const { api } = await startApi(t, { cors: true });
    const answer = await api('/v1/servers/web', { method: 'OPTIONS', headers: FOREIGN });
    assert.deepEqual(allowing(answer), {
      ...ALLOWED,
      'access-control-allow-methods': 'PUT,POST,PATCH,DELETE,GET,OPTIONS',
      'access-control-allow-headers': 'Origin,Authorization,Content-Type,If-None-Match,Last-Event-ID',
      'access-control-max-age': '43200',
    });
  });

  test('without an origin, or without cors, OPTIONS is an unknown route', async (t) => {
    const { api } = await startApi(t, { cors: true });
    assert.equal((await api('/servers', { method: 'OPTIONS' })).status, 404);
    const { api: closed } = await startApi(t);
    const answer = await closed('/servers', { method: 'OPTIONS', headers: FOREIGN });
    assert.equal(answer.status, 404);
    assert.deepEqual(allowing(answer), {});
  });
});

describe('§9.1 an unknown route', () => {
  for (const [method, path] of [
    ['GET', '/nothing'],
    ['GET', '/servers/web/discovery'],
    ['GET', '/servers/web/healthcheck'],
    ['GET', '/servers/a%2Fb'],
    ['GET', '/servers/web%2Fstats'],
    ['GET', '/Servers'],
    ['GET', '//'],
    ['POST', '/servers'],
    ['POST', '/servers/'],
    ['POST', '/ping'],
    ['PUT', '/servers/web'],
    ['PATCH', '/servers/web'],
    ['DELETE', '/servers'],
    ['PROPFIND', '/servers'],
    ['TRACE', '/ping'],
  ] as const) {
    test(`${method} ${path} is 404 and says so`, async (t) => {
      const { api } = await startApi(t);
      const answer = await api(path, { method, headers: { 'content-type': 'not a type' } });
      assert.deepEqual([answer.status, typeOf(answer), answer.body], [404, 'text/plain', '404 page not found']);
    });
  }

  test('HEAD is one everywhere', async (t) => {
    const { api } = await startApi(t);
    for (const path of ['/', '/ping', '/servers', '/servers/web', '/servers/']) {
      const { status, headers } = await api(path, { method: 'HEAD' });
      assert.deepEqual([status, headers['content-length']], [404, '18'], path);
    }
  });

  test('has no body that would be read', async (t) => {
    const { api } = await startApi(t);
    const answer = await api('/servers/web', { method: 'PUT', body: Buffer.alloc(2_000_000) });
    assert.deepEqual([answer.status, answer.body], [404, '404 page not found']);
  });
});

describe('§9.1 a slash too much', () => {
  for (const [path, location] of [
    ['/ping/', '/ping'],
    ['/dump/?format=json&secrets=true', '/dump?format=json&secrets=true'],
    ['/servers/', '/servers'],
    ['/servers/a%20b/', '/servers/a%20b'],
    ['/servers/web/stats/', '/servers/web/stats'],
  ] as const) {
    test(`GET ${path} is sent to ${location} with 301`, async (t) => {
      const { api } = await startApi(t);
      const answer = await api(path);
      assert.deepEqual([answer.status, answer.headers.location], [301, location]);
      assert.equal(typeOf(answer), 'text/html; charset=utf-8');
      assert.equal(answer.body, `<a href="${location.replaceAll('&', '&amp;')}">Moved Permanently</a>.\n\n`);
    });
  }

  test('of another method is sent on with 307 and an empty body', async (t) => {
    const { api } = await startApi(t);
    for (const method of ['POST', 'DELETE']) {
      const { status, headers, body } = await api('/servers/web/', { method });
      assert.deepEqual([status, headers.location, headers['content-type'], body], [307, '/servers/web', undefined, '']);
    }
  });
});
