import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { test, type TestContext } from 'node:test';

import { serverToml, temporaryFile } from '../../../test/helpers/processes/cli.ts';
import { openRemote, type RemoteOptions } from './open.ts';

type Environment = Record<string, string>;

async function opened(t: TestContext, options: RemoteOptions, environment: Environment = {}): Promise<string> {
  const client = await openRemote(options, environment);
  t.after(() => client.close());
  return client.address.text;
}

function withApi(section: string): string {
  return `[api]\nenabled = true\n${section}\n${serverToml('web', ['127.0.0.1:1'])}`;
}

test('the command line says where the API is, then the environment, then the default', async (t) => {
  const environment = { TSLB_API: 'unix:/run/a.sock' };
  assert.equal(await opened(t, { api: '127.0.0.1:1' }, environment), 'http://127.0.0.1:1');
  assert.equal(await opened(t, {}, environment), 'unix:/run/a.sock');
  assert.equal(await opened(t, {}, { TSLB_API: '' }), 'http://127.0.0.1:8888');
});

const BINDS = [
  ['', 'http://127.0.0.1:8888'],
  ['bind = "0.0.0.0:1234"', 'http://127.0.0.1:1234'],
  ['bind = "[::]:1234"', 'http://[::1]:1234'],
  ['bind = "lb.example:1234"', 'http://lb.example:1234'],
  ['bind = "unix:/run/tslb.sock"', 'unix:/run/tslb.sock'],
  ['[api.tls]\ncert_path = "c"\nkey_path = "k"', 'https://127.0.0.1:8888'],
] as const;
for (const [section, address] of BINDS) {
  test(`a configuration with ${JSON.stringify(section)} leads to ${address}`, async (t) => {
    const config = temporaryFile(t, 'tslb.toml', withApi(section));
    assert.equal(await opened(t, { config }, { TSLB_API: 'http://127.0.0.1:1' }), address);
  });
}

test('a configuration without an API, with errors, or beside --api is a usage error', async (t) => {
  const without = temporaryFile(t, 'tslb.toml', serverToml('web', ['127.0.0.1:1']));
  const bad = temporaryFile(t, 'tslb.toml', '[api]\nenabled = 7\n');
  const cases: readonly (readonly [RemoteOptions, RegExp])[] = [
    [{ config: without }, /has no API; write "enabled = true"/],
    [{ config: bad }, /tslb\.toml:2:11: error: api\.enabled/],
    [{ config: '/nowhere.toml' }, /does not exist/],
    [{ config: bad, api: '127.0.0.1:1' }, /named twice/],
  ];
  for (const [options, message] of cases)
    await assert.rejects(openRemote(options, {}), { code: 'TSLB_USAGE', message });
});

test('a login without a password and without a terminal, or a password without a login, is a usage error', async (t) => {
  const file = temporaryFile(t, 'password', 'hidden\n');
  const cases: readonly (readonly [RemoteOptions, Environment, RegExp])[] = [
    [{ login: 'admin' }, {}, /password of admin is missing; use --password-file or TSLB_PASSWORD/],
    [{ passwordFile: file }, {}, /no login; give it with --login/],
    [{ login: 'admin', passwordFile: `${file}.none` }, {}, /cannot be read/],
    [{ ca: `${file}.none` }, {}, /cannot be read/],
  ];
  for (const [options, environment, message] of cases) {
    await assert.rejects(openRemote(options, environment), { code: 'TSLB_USAGE', message });
  }
  await opened(t, { login: 'admin', passwordFile: file });
  await opened(t, {}, { TSLB_LOGIN: 'admin', TSLB_PASSWORD: 'hidden' });
});

test('a configuration brings its login along', async (t) => {
  const login = '[api.basic_auth]\nlogin = "admin"\npassword = "hidden"';
  const config = temporaryFile(t, 'tslb.toml', withApi(login));
  chmodSync(config, 0o600);
  await opened(t, { config });
  await assert.rejects(openRemote({ config, login: 'other' }, {}), { message: /password of other is missing/ });
});
