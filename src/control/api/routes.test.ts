import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';

import { backendStatus, serverStatus } from '../../../test/helpers/statuses.ts';
import { type Answer, ask, type Asking, basic, startWeb } from '../../../test/helpers/web.ts';
import { ConfigRefused } from '../../config/refused.ts';
import type { Actor, BackendStatus, JsonTable, ServerStatus } from '../../core/control.ts';
import { TslbError } from '../../core/errors.ts';
import type { WebOptions } from '../../web/web.ts';
import type { ApiParts } from './parts.ts';
import { apiRoutes } from './routes.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const LOGIN = { login: 'admin', password: 'secret', realm: 'Authorization Required' } as const;
const FOREIGN = { origin: 'http://page.example' } as const;

/** What the balancer is asked, and what a test has it answer. */
class FakeControl {
  readonly about = { version: '1.2.3', pid: 42, startedAt: Date.now() - 61_500, engine: 'net' } as const;
  readonly configs = new Map<string, JsonTable>();
  readonly asked: unknown[] = [];
  refusal: Error | undefined;

  servers(): readonly ServerStatus[] {
    return [...this.configs.keys()].map((name) => serverStatus(name));
  }

  server(name: string): ServerStatus | undefined {
    return this.servers().find((server) => server.name === name);
  }

  backends(): readonly BackendStatus[] {
    return [backendStatus('10.0.0.1:80')];
  }

  serverConfig(name: string): JsonTable | undefined {
    return this.configs.get(name);
  }

  dump(...of: unknown[]): string {
    this.asked.push(of);
    return 'the = "dump"\n';
  }

  putServer(name: string, table: unknown, options: object, by: Actor): Promise<void> {
    return this.#change([name, table, options, by]);
  }

  removeServer(name: string, options: object, by: Actor): Promise<void> {
    return this.#change([name, options, by]);
  }

  #change(of: readonly unknown[]): Promise<void> {
    this.asked.push(of);
    return this.refusal === undefined ? Promise.resolve() : Promise.reject(this.refusal);
  }
}

const STATS: ApiParts['stats'] = {
  latest: () => ({
    at: 0,
    process: { uptimeMs: 0, rssBytes: 0, cpu: 0, loopDelayMs: 0 },
    threads: [],
    servers: [],
  }),
};

type Ask = (path: string, asking?: Asking) => Promise<Answer>;

/** The API on a port of its own, before a balancer that does nothing. */
async function startApi(
  t: TestContext,
  options: Partial<WebOptions> = {},
): Promise<{ control: FakeControl; api: Ask }> {
  const control = new FakeControl();
  const { cors = false } = options;
  const register = apiRoutes({ control, stats: STATS, cors });
  const { address } = await startWeb(t, (app) => void app.register(register), options);
  return { control, api: (path, asking) => ask(address, path, asking) };
}

function type(answer: Answer): string | undefined {
  return answer.headers['content-type'];
}

describe('§9.1 answers in JSON', () => {
  test('are indented by 4 spaces, with the keys of a map sorted by bytes and no line end', async (t) => {
    const { control, api } = await startApi(t);
    for (const name of ['b', 'a', '10', '9', 'é', 'Z']) control.configs.set(name, { bind: name, access: null });
    const answer = await api('/servers');
    assert.equal(type(answer), JSON_TYPE);
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
  test('whoever has none gets 401, an empty body, and is asked for it', async (t) => {
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

  test('whoever has it is answered, and named for what he changes', async (t) => {
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
      'access-control-allow-headers': 'Origin,Authorization,Content-Type,Last-Event-ID',
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
      assert.deepEqual([answer.status, type(answer), answer.body], [404, 'text/plain', '404 page not found']);
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
      assert.equal(type(answer), 'text/html; charset=utf-8');
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

describe('§9.2 GET', () => {
  test('/ping is OK', async (t) => {
    const { api } = await startApi(t);
    const answer = await api('/ping');
    assert.deepEqual([answer.status, type(answer), answer.body], [200, TEXT_TYPE, 'OK']);
  });

  test('/ tells of the process', async (t) => {
    const { api } = await startApi(t);
    const { status, body } = await api('/');
    assert.equal(status, 200);
    const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)`;
    assert.match(
      body,
      new RegExp(
        String.raw`^\{\n    "configuration": \{\n        "kind": "file",\n        "path": ""\n    \},\n    "pid": 42,\n` +
          String.raw`    "startTime": "${TIME}",\n    "time": "${TIME}",\n    "uptime": "1m\d+(\.\d+)?s",\n` +
          String.raw`    "version": "1\.2\.3"\n\}$`,
      ),
    );
  });

  for (const [query, format, secrets] of [
    ['', 'toml', false],
    ['?format=toml', 'toml', false],
    ['?format=json&format=xml', 'json', false],
    ['?secrets=true', 'toml', true],
    ['?secrets=yes', 'toml', false],
  ] as const) {
    test(`/dump${query} is plain text`, async (t) => {
      const { control, api } = await startApi(t);
      const answer = await api(`/dump${query}`);
      assert.deepEqual([answer.status, type(answer), answer.body], [200, TEXT_TYPE, 'the = "dump"\n']);
      assert.deepEqual(control.asked, [[format, { secrets }]]);
    });
  }

  for (const format of ['xml', '', 'TOML']) {
    test(`/dump?format=${format} is 500 with a JSON string`, async (t) => {
      const { api } = await startApi(t);
      const answer = await api(`/dump?format=${format}`);
      assert.deepEqual([answer.status, type(answer)], [500, JSON_TYPE]);
      assert.equal(typeof JSON.parse(answer.body), 'string');
    });
  }

  test('/servers is an empty object where there is none', async (t) => {
    const { api } = await startApi(t);
    const answer = await api('/servers');
    assert.deepEqual([answer.status, answer.body], [200, '{}']);
  });

  test('of a name that is not known is null', async (t) => {
    const { api } = await startApi(t);
    for (const path of ['/servers/web', '/servers/web/stats', '/servers/toString', `/servers/${'x'.repeat(5000)}`]) {
      const answer = await api(path);
      assert.deepEqual([answer.status, type(answer), answer.body], [200, JSON_TYPE, 'null'], path);
    }
  });

  test('/servers/:name takes the name from the decoded path', async (t) => {
    const { control, api } = await startApi(t);
    control.configs.set('a b%', { bind: ':1' });
    assert.equal((await api('/servers/a%20b%25')).body, '{\n    "bind": ":1"\n}');
  });

  test('/servers/:name/stats has an entry for each backend, with its port as a string', async (t) => {
    const { control, api } = await startApi(t);
    control.configs.set('web', {});
    const { body } = await api('/servers/web/stats');
    const { backends } = JSON.parse(body) as { backends: { host: string; port: string }[] };
    assert.deepEqual(
      backends.map(({ host, port }) => [host, port]),
      [['10.0.0.1', '80']],
    );
  });
});

describe('§9.2 POST', () => {
  const by = { via: 'api', client: '127.0.0.1' };

  for (const [name, headers] of [
    ['as JSON', { 'content-type': 'application/json' }],
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['as what is no type', { 'content-type': 'junk' }],
    ['as nothing', {}],
  ] as const) {
    test(`a body that is sent ${name} is read, up to the end of its first value`, async (t) => {
      const { control, api } = await startApi(t);
      const answer = await api('/servers/web', { method: 'POST', headers, body: ' {"bind": ":1"} and more' });
      assert.deepEqual([answer.status, type(answer), answer.body], [200, JSON_TYPE, 'null']);
      assert.deepEqual(control.asked, [['web', { bind: ':1' }, { isNew: true }, by]]);
    });
  }

  for (const [name, body] of [
    ['nothing', ''],
    ['blanks', ' \n'],
    ['half an object', '{"bind": ":1"'],
    ['TOML', 'bind = ":1"'],
    ['a byte order mark', '\ufeff{}'],
    ['what is too deep', '['.repeat(5000)],
  ] as const) {
    test(`${name} is 400, a JSON string as plain text`, async (t) => {
      const { control, api } = await startApi(t);
      const answer = await api('/servers/web', { method: 'POST', body });
      assert.deepEqual([answer.status, type(answer)], [400, TEXT_TYPE]);
      assert.match(JSON.parse(answer.body) as string, /^the body is /);
      assert.deepEqual(control.asked, []);
    });
  }

  test('what is not JSON is told by its place, and not repeated', async (t) => {
    const { api } = await startApi(t);
    const { body } = await api('/servers/web', { method: 'POST', body: '{\n  "password": "hidden",\n  x}' });
    assert.equal(body, '"the body is not JSON: line 3, column 3: invalid symbol"');
  });

  test('more than a mebibyte is 413', async (t) => {
    const { api } = await startApi(t);
    const answer = await api('/servers/web', { method: 'POST', body: Buffer.alloc(1_048_577, ' ') });
    assert.deepEqual([answer.status, type(answer), typeof JSON.parse(answer.body)], [413, JSON_TYPE, 'string']);
  });

  const problem = { severity: 'error', file: '' } as const;
  const missing = { ...problem, code: 'TSLB_CONFIG_MISSING', path: 'servers.web.bind', message: 'no bind' } as const;
  const mistyped = { ...problem, code: 'TSLB_CONFIG_TYPE', path: 'servers.web.sni', message: 'a number' } as const;

  for (const [name, refusal, status, reason] of [
    ['taken', new TslbError('TSLB_SERVER_EXISTS', 'there is a server web'), 409, 'there is a server web'],
    ['in use', new TslbError('TSLB_BIND', 'server "web": <in use>'), 409, 'server "web": <in use>'],
    ['wrong', new ConfigRefused([missing]), 409, 'servers.web.bind: no bind'],
    [
      'of wrong types',
      new ConfigRefused([missing, { ...mistyped, expected: 'a table' }]),
      400,
      'servers.web.sni: a number, expected a table; servers.web.bind: no bind',
    ],
    [
      'odd, which is no reason',
      new ConfigRefused([{ ...mistyped, severity: 'warning' }, missing]),
      409,
      'servers.web.bind: no bind',
    ],
  ] as const) {
    test(`what is ${name} is refused with ${status} and all reasons`, async (t) => {
      const { control, api } = await startApi(t);
      control.refusal = refusal;
      const answer = await api('/servers/web', { method: 'POST', body: '{}' });
      assert.deepEqual([answer.status, type(answer)], [status, status === 400 ? TEXT_TYPE : JSON_TYPE]);
      assert.equal(JSON.parse(answer.body), reason);
    });
  }

  test('a fault of ours is 500 and says nothing', async (t) => {
    const { control, api } = await startApi(t);
    control.refusal = new RangeError('of the inside');
    const answer = await api('/servers/web', { method: 'POST', body: '{}' });
    assert.deepEqual([answer.status, answer.body], [500, 'Internal Server Error']);
  });
});

describe('§9.2 DELETE', () => {
  for (const [query, drainMs] of [
    ['', 0],
    ['?drain=', 0],
    ['?drain=0', 0],
    ['?drain=1m30s', 90_000],
  ] as const) {
    test(`/servers/:name${query} is null when it is done`, async (t) => {
      const { control, api } = await startApi(t);
      const answer = await api(`/servers/web${query}`, { method: 'DELETE' });
      assert.deepEqual([answer.status, type(answer), answer.body], [200, JSON_TYPE, 'null']);
      assert.deepEqual(control.asked, [['web', { drainMs }, { via: 'api', client: '127.0.0.1' }]]);
    });
  }

  test('of a name that is not known is null', async (t) => {
    const { control, api } = await startApi(t);
    control.refusal = new TslbError('TSLB_NO_SUCH_SERVER', 'there is no server web');
    const answer = await api('/servers/web', { method: 'DELETE' });
    assert.deepEqual([answer.status, answer.body], [200, 'null']);
  });

  test('with a drain that is no duration is 400, and nothing is done', async (t) => {
    const { control, api } = await startApi(t);
    const answer = await api('/servers/web?drain=30', { method: 'DELETE' });
    assert.equal(answer.status, 400);
    assert.equal(JSON.parse(answer.body), 'drain: "30" is not a duration; did you mean "30s"?');
    assert.deepEqual(control.asked, []);
  });

  test('takes no notice of a body', async (t) => {
    const { api } = await startApi(t);
    const answer = await api('/servers/web', { method: 'DELETE', body: 'junk', headers: { 'content-length': '4' } });
    assert.equal(answer.status, 200);
  });
});
