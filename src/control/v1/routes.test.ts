import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { fakeControl, FakeStats, serverStats } from '../../../test/helpers/fakes/fake-control.ts';
import { backendStatus } from '../../../test/helpers/fakes/statuses.ts';
import { startV1 } from '../../../test/helpers/rigs/v1.ts';
import { basic, TestLog } from '../../../test/helpers/sockets/web.ts';
import { TslbError } from '../../core/errors.ts';

const stats = new FakeStats([serverStats('web', [backendStatus('127.0.0.1:80')])]);
const BASIC_AUTH = { login: 'admin', password: 'secret', realm: 'tslb' };

function errorOf(body: unknown): { code: string; message: string; problems?: readonly Record<string, unknown>[] } {
  return (body as { error: { code: string; message: string } }).error;
}

/** Of a control that throws this at every change. */
function failing(thrown: unknown) {
  const fail = async (): Promise<never> => {
    throw thrown;
  };
  return fakeControl({ servers: { put: fail }, backends: { change: fail }, configuration: { reload: fail } });
}

describe('a request that cannot be understood', () => {
  const cases: readonly [request: string, body: unknown, status: number, code: string, message: RegExp][] = [
    ['PUT /servers/web', '{"bind":', 400, 'TSLB_REQUEST_BODY', /the body is not JSON: value expected/],
    ['PUT /servers/web', '{"a":1,"a":2}', 400, 'TSLB_REQUEST_BODY', /the key "a" is given twice/],
    ['PUT /servers/web', '{"a":{"__proto__":{"b":1}}}', 400, 'TSLB_REQUEST_BODY', /"__proto__"/],
    ['PUT /servers/web', undefined, 400, 'TSLB_REQUEST_BODY', /needs a JSON body/],
    ['PUT /servers/web', '', 400, 'TSLB_REQUEST_BODY', /needs a JSON body/],
    ['PUT /log-level', 'null', 400, 'TSLB_REQUEST_BODY', /needs a JSON body/],
    ['PUT /servers/web', `"${'x'.repeat(1_100_000)}"`, 413, 'TSLB_REQUEST_SIZE', /too large/],
    ['GET /connections?sort=size', undefined, 400, 'TSLB_REQUEST_QUERY', /unknown sort "size"/],
    ['GET /connections?limit=1001', undefined, 400, 'TSLB_REQUEST_QUERY', /limit: must be at most 1000/],
    ['GET /connections?limit=many', undefined, 400, 'TSLB_REQUEST_QUERY', /limit: must be an integer/],
    ['DELETE /servers/web?drian=30s', undefined, 400, 'TSLB_REQUEST_QUERY', /unknown key "drian"/],
    ['DELETE /servers/web?drain=30', undefined, 400, 'TSLB_REQUEST_QUERY', /did you mean "30s"/],
    ['DELETE /connections', undefined, 400, 'TSLB_REQUEST_QUERY', /say which/],
    ['DELETE /connections?server=', undefined, 400, 'TSLB_REQUEST_QUERY', /say which/],
    ['GET /connections?client=192.0.2.', undefined, 400, 'TSLB_REQUEST_QUERY', /^client: .*write 192\.0\.2\.0\/24$/],
    ['DELETE /connections?client=10.0.0.1/8', undefined, 400, 'TSLB_REQUEST_QUERY', /write 10\.0\.0\.0\/8 for/],
    ['GET /events?snapshots=no', undefined, 400, 'TSLB_REQUEST_QUERY', /snapshots/],
    ['GET /nothing?x', undefined, 404, 'TSLB_NO_SUCH_ROUTE', /^there is no \/v1\/nothing$/],
    ['GET /servers/nix', undefined, 404, 'TSLB_NO_SUCH_SERVER', /^there is no server nix$/],
    ['GET /servers/nix/history', undefined, 404, 'TSLB_NO_SUCH_SERVER', /no server nix/],
    ['GET /servers/web/backends/a%3A1', undefined, 404, 'TSLB_NO_SUCH_BACKEND', /the server web has no backend a:1/],
    ['PUT /log-level', { level: 3 }, 422, 'TSLB_CONFIG_REFUSED', /level: must be a string/],
  ];

  for (const [request, body, status, code, message] of cases) {
    const shown = body === undefined ? '' : JSON.stringify(body).slice(0, 30);
    test(`is told so: ${request} ${shown}`, async (t) => {
      const v1 = await startV1(t, { control: fakeControl(), stats });
      const answer = await v1.ask(request, body);
      assert.deepEqual([answer.status, errorOf(answer.body).code], [status, code]);
      assert.match(errorOf(answer.body).message, message);
      assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
    });
  }

  test('is told all that is wrong with it, and what would be right', async (t) => {
    const v1 = await startV1(t, { control: fakeControl(), stats });
    const { status, body } = await v1.ask('PATCH /servers/web/backends/a', { state: 'drainin', weight: -1, max: 2 });
    assert.equal(status, 422);
    const { problems = [] } = errorOf(body);
    assert.deepEqual(
      problems.map(({ path, code }) => `${String(path)} ${String(code)}`),
      ['state TSLB_CONFIG_VALUE', 'weight TSLB_CONFIG_RANGE', 'max TSLB_CONFIG_KEY_UNKNOWN'],
    );
    assert.deepEqual([problems[0]?.['suggestion'], problems[1]?.['expected']], ['write "draining"', 'at least 0']);
  });

  test('with a body of another type is 415, also where none is expected', async (t) => {
    const v1 = await startV1(t, { control: fakeControl(), stats });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/merge-patch+json']) {
      const { status, body } = await v1.ask('PUT /servers/web', '{}', { 'content-type': type });
      assert.deepEqual([status, errorOf(body).code], [415, 'TSLB_REQUEST_TYPE'], type);
    }
  });

  test('by another method is 405 with those that there are', async (t) => {
    const v1 = await startV1(t, { control: fakeControl(), stats });
    const allowed = [];
    for (const request of [
      'POST /info',
      'POST /servers/web',
      'PUT /connections',
      'GET /connections/1',
      'GET /reload',
    ]) {
      const { status, headers, body } = await v1.ask(request);
      assert.deepEqual([status, errorOf(body).code], [405, 'TSLB_REQUEST_METHOD'], request);
      allowed.push(headers['allow']);
    }
    assert.deepEqual(allowed, ['GET', 'DELETE, GET, PATCH, PUT', 'DELETE, GET', 'DELETE', 'POST']);
  });
});

describe('an error of the control', () => {
  const codes: readonly [`TSLB_${string}`, number][] = [
    ['TSLB_NO_SUCH_SERVER', 404],
    ['TSLB_NO_SUCH_BACKEND', 404],
    ['TSLB_SERVER_EXISTS', 409],
    ['TSLB_BACKEND_EXISTS', 409],
    ['TSLB_TOO_MANY_BACKENDS', 409],
    ['TSLB_BIND', 409],
    ['TSLB_BIND_NAME', 409],
    ['TSLB_ENGINE', 409],
    ['TSLB_ENGINE_CHANGE', 409],
    ['TSLB_NO_SERVERS', 409],
    ['TSLB_STATE_FILE', 409],
    ['TSLB_LOG_OUTPUT', 409],
    ['TSLB_STATS_PAGE', 409],
    ['TSLB_WEB_TLS', 409],
    ['TSLB_LOG_LEVEL', 422],
    ['TSLB_STOPPING', 503],
    ['TSLB_BUSY', 503],
    ['TSLB_THREAD_SILENT', 503],
    ['TSLB_TOO_MANY_STREAMS', 503],
  ];

  test('has a status by its code, and its own words', async (t) => {
    for (const [code, expected] of codes) {
      const v1 = await startV1(t, { control: failing(new TslbError(code, 'why')), stats });
      const { status, body } = await v1.ask('PUT /servers/web', {});
      assert.deepEqual([status, body], [expected, { error: { code, message: 'why' } }]);
    }
  });

  test('that is unforeseen is 500 and tells nothing, and the log tells all', async (t) => {
    const log = new TestLog();
    const secret = new Error('password=hunter2 at /etc/shadow');
    const v1 = await startV1(t, { control: failing(secret), stats, log: log.logger });
    const { status, body } = await v1.ask('POST /reload');
    assert.deepEqual([status, errorOf(body).code], [500, 'TSLB_INTERNAL']);
    assert.doesNotMatch(JSON.stringify(body), /hunter2|shadow|\.ts|\.js/);
    const [line] = log.lines;
    assert.deepEqual([line?.['msg'], line?.['method'], line?.['route']], ['request failed', 'POST', '/v1/reload']);
    assert.match(JSON.stringify(line), /hunter2/);
  });
});

describe('the right to make changes', () => {
  const CHANGES = [
    ...['PUT /servers/web', 'PATCH /servers/web', 'DELETE /servers/web', 'POST /servers/web/backends', 'POST /reload'],
    ...['PATCH /servers/web/backends/a', 'DELETE /servers/web/backends/a', 'DELETE /connections?all=true'],
    ...['DELETE /connections/1', 'POST /counters/reset', 'PUT /log-level'],
  ];

  test('is checked before every change, and for nothing else', async (t) => {
    const asked: string[] = [];
    const control = fakeControl();
    const mayChange = ({ method }: { method: string }): string => {
      asked.push(method);
      return 'admin is off';
    };
    const v1 = await startV1(t, { control, stats, mayChange });
    for (const request of CHANGES) {
      const { status, body } = await v1.ask(request, '{"broken');
      assert.deepEqual([status, body], [403, { error: { code: 'TSLB_FORBIDDEN', message: 'admin is off' } }], request);
    }
    assert.equal(asked.length, CHANGES.length);
    for (const path of ['stats', 'servers', 'servers/web', 'servers/web/backends', 'log-level', 'openapi.json']) {
      assert.equal((await v1.ask(`GET /${path}`)).status, 200, path);
    }
    assert.equal(asked.length, CHANGES.length);
  });

  test('stands in GET /info, with the login', async (t) => {
    const v1 = await startV1(t, { control: fakeControl(), stats, mayChange: () => 'no' }, { auth: BASIC_AUTH });
    const { body } = await v1.ask('GET /info', undefined, basic('admin', 'secret'));
    const { admin, login } = body as { admin: boolean; login: string };
    assert.deepEqual([admin, login], [false, 'admin']);
  });

  test('has to log in where the service says so, for what there is', async (t) => {
    const v1 = await startV1(t, { control: fakeControl(), stats }, { auth: BASIC_AUTH });
    for (const request of [...CHANGES, 'GET /info', 'GET /events', 'GET /openapi.json', 'POST /info']) {
      assert.equal((await v1.ask(request)).status, 401, request);
    }
  });
});

test('names are taken from the path as they were before they were encoded', async (t) => {
  const key = 'unix:/run/a b/ü?#%.sock';
  const odd = new FakeStats([serverStats('x y%2F', [backendStatus(key)])]);
  const v1 = await startV1(t, { control: fakeControl(), stats: odd });
  const path = `/servers/${encodeURIComponent('x y%2F')}/backends/${encodeURIComponent(key)}`;
  const { status, body } = await v1.ask(`GET ${path}`);
  assert.deepEqual([status, (body as { backend: { key: string } }).backend.key], [200, key]);
});

test('a name as long as a name may be is found', async (t) => {
  const name = 'n'.repeat(1000);
  const v1 = await startV1(t, { control: fakeControl(), stats: new FakeStats([serverStats(name, [])]) });
  assert.equal((await v1.ask(`GET /servers/${name}`)).status, 200);
});
