import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { JSON_TYPE, startApi, TEXT_TYPE, typeOf } from '../../../test/helpers/fakes/api-scene.ts';
import { ConfigRefused } from '../../config/problem/refused.ts';
import { TslbError } from '../../core/errors.ts';

describe('§9.2 GET', () => {
  test('/ping is OK', async (t) => {
    const { api } = await startApi(t);
    const answer = await api('/ping');
    assert.deepEqual([answer.status, typeOf(answer), answer.body], [200, TEXT_TYPE, 'OK']);
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
      assert.deepEqual([answer.status, typeOf(answer), answer.body], [200, TEXT_TYPE, 'the = "dump"\n']);
      assert.deepEqual(control.asked, [[format, { secrets }]]);
    });
  }

  for (const format of ['xml', '', 'TOML']) {
    test(`/dump?format=${format} is 500 with a JSON string`, async (t) => {
      const { api } = await startApi(t);
      const answer = await api(`/dump?format=${format}`);
      assert.deepEqual([answer.status, typeOf(answer)], [500, JSON_TYPE]);
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
      assert.deepEqual([answer.status, typeOf(answer), answer.body], [200, JSON_TYPE, 'null'], path);
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
      assert.deepEqual([answer.status, typeOf(answer), answer.body], [200, JSON_TYPE, 'null']);
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
      assert.deepEqual([answer.status, typeOf(answer)], [400, TEXT_TYPE]);
      assert.match(JSON.parse(answer.body) as string, /^the body (?:is|cannot be read: it is) /);
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
    assert.deepEqual([answer.status, typeOf(answer), typeof JSON.parse(answer.body)], [413, JSON_TYPE, 'string']);
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
      new ConfigRefused([
        { ...missing, expected: 'no bind' },
        { ...mistyped, expected: 'a table' },
      ]),
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
      assert.deepEqual([answer.status, typeOf(answer)], [status, status === 400 ? TEXT_TYPE : JSON_TYPE]);
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
      assert.deepEqual([answer.status, typeOf(answer), answer.body], [200, JSON_TYPE, 'null']);
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
