import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { serverToml, startTslb, temporaryFile, temporaryFolder, tslb } from '../helpers/processes/cli.ts';
import { makeCertificate } from '../helpers/sockets/certificate.ts';

const PASSWORD = 'c0rrect:hörse';
const LOGIN = `[api.basic_auth]\nlogin = "admin"\npassword = "${PASSWORD}"\n`;

/** A balancer whose API wants a login, with TLS. @returns its address, its configuration and whom to trust */
async function startGuarded(t: TestContext) {
  const folder = temporaryFolder(t);
  const { cert, key } = makeCertificate({ names: ['localhost', '127.0.0.1'] });
  const [certPath, keyPath] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(certPath, cert);
  writeFileSync(keyPath, key);
  const tls = `[api.tls]\ncert_path = "${certPath}"\nkey_path = "${keyPath}"\n`;
  const api = `[api]\nenabled = true\nbind = "127.0.0.1:0"\n${LOGIN}${tls}`;
  const running = await startTslb(t, api + serverToml('web', ['127.0.0.1:1'], { bind: '127.0.0.2:0' }));
  const line = running.lines.find((each) => each.includes('service listening')) ?? '';
  const [, port = ''] = /address=127\.0\.0\.1:(\d+)/.exec(line) ?? [];
  return { certPath, url: `https://127.0.0.1:${port}` };
}

test('a login is taken from the environment or from a file, and TLS by --ca or --insecure', async (t) => {
  const { certPath, url } = await startGuarded(t);
  const env = { TSLB_API: url, TSLB_LOGIN: 'admin', TSLB_PASSWORD: PASSWORD };
  const login = await tslb(['ctl', 'info', '--ca', certPath], { env });
  assert.equal(login.code, 0, login.stderr);
  assert.match(login.stdout, /^API +https:\/\/127\.0\.0\.1:\d+, as admin$/m);

  const file = temporaryFile(t, 'password', `${PASSWORD}\n`);
  chmodSync(file, 0o600);
  const options = ['--api', url, '--login', 'admin', '--password-file', file, '--insecure'];
  for (const args of [
    ['ctl', 'servers', ...options],
    ['ctl', ...options, 'servers'],
  ]) {
    const { code, stdout, stderr } = await tslb(args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^web /m);
  }

  const untrusted = await tslb(['ctl', 'info'], { env });
  assert.equal(untrusted.code, 1);
  assert.match(untrusted.stderr, /not trusted; name the certificate of its signer with --ca FILE/);
});

test('a wrong login, and none, say what to do and hold no password', async (t) => {
  const { url } = await startGuarded(t);
  const wrong = await tslb(['ctl', 'servers', '--insecure'], {
    env: { TSLB_API: url, TSLB_LOGIN: 'admin', TSLB_PASSWORD: 'gue55ed' },
  });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /requires another login; give it with --login NAME/);
  assert.ok(!wrong.stderr.includes('gue55ed'));
  const none = await tslb(['ctl', 'servers', '--insecure', '--api', url]);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /requires another login/);
});

test('a configuration leads to its API, with its login', async (t) => {
  const api = `unix:${join(temporaryFolder(t), 'api.sock')}`;
  const section = `[api]\nenabled = true\nbind = "${api}"\n${LOGIN}`;
  const running = await startTslb(t, section + serverToml('web', ['127.0.0.1:1']));
  const { code, stdout, stderr } = await tslb(['ctl', 'info', '-c', running.configFile]);
  assert.equal(code, 0, stderr);
  assert.ok(stdout.includes(`${api}, as admin\n`));
});

test('wrong usage is code 64, and a password on the command line is refused', async () => {
  const cases: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [['servers', '--api', 'http://admin:hidden@127.0.0.1:1'], /holds a password.*TSLB_PASSWORD or --password-file/],
    [['servers', '--api', 'ftp://a'], /not an address of an API/],
    [['servers', '--login', 'admin'], /password of admin is missing/],
    [['drain', 'web'], /missing required argument 'backend'/],
    [['drane', 'web', 'a:1'], /unknown command "drane"; did you mean "drain"\?/],
    [['weight', 'web', 'a:1', '-1'], /unknown option|not a whole number/],
    [['connections', '--sort', 'size'], /Allowed choices are age, in, out/],
    [['add-backend', 'web', 'a'], /write HOST:PORT/],
    [['add-server', 'web', '/nowhere.toml'], /cannot be read/],
    [['kill'], /which connections\?/],
    [['kill', '1', '--all'], /which connections\?/],
    [['kill', '--client', '10.0.'], /write 10\.0\.0\.0\/16/],
  ];
  for (const [args, said] of cases) {
    const { code, stdout, stderr } = await tslb(['ctl', ...args], { env: { TSLB_API: 'unix:/nowhere.sock' } });
    assert.deepEqual([code, stdout], [64, ''], args.join(' '));
    assert.match(stderr, said);
    assert.ok(!stderr.includes('hidden'));
  }
});

test('no listener is code 1, and says where it looked', async () => {
  const { code, stdout, stderr } = await tslb(['ctl', 'servers'], { env: { TSLB_API: 'unix:/nowhere.sock' } });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /^tslb: unix:\/nowhere\.sock does not answer; is tslb running, with "enabled = true" in \[api\]\?/,
  );
});

test('help teaches with examples', async () => {
  const all = await tslb(['ctl', '--help']);
  assert.equal(all.code, 0);
  assert.match(all.stdout, /^ {2}tslb ctl drain web 10\.0\.0\.1:80 --wait /m);
  for (const args of [
    ['ctl', 'help', 'kill'],
    ['ctl', 'kill', '--help'],
  ]) {
    const { code, stdout } = await tslb(args);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: tslb ctl kill \[options\] \[id\]$/m);
    assert.match(stdout, /^Examples:\n {2}tslb ctl kill /m);
    assert.match(stdout, /TSLB_API/);
  }
  assert.match((await tslb(['top', '--help'])).stdout, /^Keys: arrows choose/m);
});
