import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { minimalServer } from '../../../test/helpers/fakes/minimal-server.ts';

import { goJson } from '../../web/go-json.ts';
import { readTables } from './load.ts';
import { serverForm, serverForms } from './server-form.ts';

const MINIMAL = { bind: 'localhost:3001', discovery: { kind: 'static', static_list: ['localhost:8000'] } };

function configOf(tables: unknown) {
  const { config, problems } = readTables(tables);
  assert.ok(config !== undefined, JSON.stringify(problems));
  return config;
}

function formOf(server: object, defaults: object = {}) {
  const form = serverForm(configOf({ defaults, servers: { web: { ...MINIMAL, ...server } } }), 'web');
  assert.ok(form !== undefined);
  return form;
}

test('a minimal server has the shape that it has in gobetween', () => {
  const config = configOf({ defaults: { backend_connection_timeout: '0' }, servers: { web: MINIMAL } });
  assert.equal(goJson(serverForm(config, 'web') ?? null), minimalServer('localhost:3001'));
});

describe('a server shows', () => {
  test('what is in force: its own, else that of [defaults], else ours', () => {
    const form = formOf({ max_connections: 0 }, { max_connections: 7, client_idle_timeout: '1m30s' });
    const { max_connections: most, client_idle_timeout: idle, backend_connection_timeout: connect } = form;
    assert.deepEqual([most, idle, connect], [0, '1m30s', '5s']);
  });

  test('texts as they were given, and our own keys behind those of gobetween', () => {
    const form = formOf({ retries: 1, queue_timeout: '1.50s', backend_idle_timeout: '60s', engine: 'net' });
    assert.equal(form['backend_idle_timeout'], '60s');
    assert.deepEqual(Object.entries(form).slice(14), [
      ['healthcheck', formOf({})['healthcheck']],
      ['retries', 1],
      ['queue_timeout', '1.50s'],
      ['engine', 'net'],
    ]);
  });

  test('one bind as a text, and several as a list', () => {
    for (const [given, shown] of [
      [8080, ':8080'],
      ['8080', '8080'],
      [['*:80'], '*:80'],
      [
        [':80', 81],
        [':80', ':81'],
      ],
    ])
      assert.deepEqual(formOf({ bind: given })['bind'], shown);
  });

  test('access rules with their default', () => {
    assert.deepEqual(formOf({ access: {} })['access'], { default: 'allow', rules: null });
    assert.deepEqual(formOf({ access: { rules: ['deny  ::1'] } })['access'], {
      default: 'allow',
      rules: ['deny  ::1'],
    });
  });

  test('all keys of the kind of its check, as they were given: escapes too', () => {
    const probe = { kind: 'probe', interval: '2s', probe_protocol: 'tcp', probe_recv: '\\x2bPONG', port: 81 };
    assert.equal(
      JSON.stringify(formOf({ healthcheck: probe })['healthcheck']),
      '{"kind":"probe","interval":"2s","passes":1,"fails":1,"timeout":"0","initial_status":null,' +
        '"probe_protocol":"tcp","probe_strategy":"starts_with","probe_send":"","probe_recv":"\\\\x2bPONG",' +
        '"probe_recv_len":0,"port":81}',
    );
    const exec = { kind: 'exec', interval: '2s', exec_command: '/check', exec_expected_positive_output: '1' };
    assert.equal(
      JSON.stringify(formOf({ healthcheck: { ...exec, initial_status: 'unhealthy' } })['healthcheck']),
      '{"kind":"exec","interval":"2s","passes":1,"fails":1,"timeout":"0","initial_status":"unhealthy",' +
        '"exec_command":"/check","exec_expected_positive_output":"1","exec_expected_negative_output":""}',
    );
  });

  test('null and empty texts as absent', () => {
    const empty = { balance: '', sni: null, access: null, healthcheck: null, client_idle_timeout: '', retries: null };
    assert.deepEqual(formOf(empty), formOf({}));
  });
});

test('a server that is not there has no form, whatever its name', () => {
  const config = configOf({ servers: { web: MINIMAL } });
  for (const name of ['other', '', 'constructor', '__proto__']) assert.equal(serverForm(config, name), undefined);
});

test('servers come in the order of the configuration', () => {
  const config = configOf({ servers: { b: MINIMAL, a: { ...MINIMAL, bind: ':1' } } });
  assert.deepEqual([...serverForms(config).keys()], ['b', 'a']);
});
