import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { serverToml, temporaryFile, temporaryFolder, tslb } from '../helpers/processes/cli.ts';
import { answerOf, freePort } from '../helpers/sockets/traffic.ts';

async function takenPort(t: TestContext, host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host);
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  return address.port;
}

async function start(t: TestContext, config: string, args: readonly string[] = []) {
  return tslb(['start', '-c', temporaryFile(t, 'tslb.toml', config), ...args]);
}

test('a file that is not there: 64', async () => {
  const { code, stdout, stderr } = await tslb(['start', '-c', '/no/such/tslb.toml']);
  assert.equal(code, 64);
  assert.equal(stdout, '');
  assert.match(stderr, /^\/no\/such\/tslb\.toml: error: the file does not exist /);
});

test('a file with errors: 64, and all of them are shown', async (t) => {
  const config = `[logging]\nlevel = "loud"\n${serverToml('web', ['127.0.0.1:1 wieght=2'], { bind: 'x:y:z' })}`;
  const { code, stdout, stderr } = await start(t, config);
  assert.equal(code, 64);
  assert.equal(stdout, '');
  for (const said of [/:2:9: error: logging\.level: /, /servers\.web\.bind: /, /did you mean "weight"/, /4 errors/]) {
    assert.match(stderr, said);
  }
});

test('a file that is no TOML: 64, with the place', async (t) => {
  const { code, stderr } = await start(t, '[servers.web]\nbind = :80\n');
  assert.equal(code, 64);
  assert.match(stderr, /tslb\.toml:2:8: error: /);
});

test('a port in use: 1, naming the server and the bind, and nothing else stays open', async (t) => {
  const port = await takenPort(t);
  const free = await freePort();
  const config =
    serverToml('good', ['127.0.0.1:1'], { bind: `127.0.0.1:${free}` }) +
    serverToml('web', ['127.0.0.1:1'], { bind: `127.0.0.1:${port}` });
  const { code, stderr } = await start(t, config);
  assert.equal(code, 1);
  assert.equal(stderr, `tslb: cannot start: server "web": 127.0.0.1:${port} is already in use\n`);
  assert.equal(await answerOf({ ip: '127.0.0.1', port: free }), 'ECONNREFUSED');
});

test('a port in use, with --watch: 1 all the same', async (t) => {
  const config = serverToml('web', ['127.0.0.1:1'], { bind: `127.0.0.1:${await takenPort(t)}` });
  const { code, stderr } = await start(t, config, ['--watch']);
  assert.deepEqual([code, stderr.includes('already in use')], [1, true]);
});

test('several ports in use: each is named', async (t) => {
  const [one, other] = [await takenPort(t), await takenPort(t, '127.0.0.2')];
  const binds = [`127.0.0.1:${one}`, `127.0.0.2:${other}`];
  const { code, stderr } = await start(t, serverToml('web', ['127.0.0.1:1'], { bind: binds }));
  assert.equal(code, 1);
  for (const bind of binds) assert.ok(stderr.includes(`server "web": ${bind} is already in use`), stderr);
});

test('an address that is not of this machine: 1', async (t) => {
  const { code, stderr } = await start(t, serverToml('web', ['127.0.0.1:1'], { bind: '192.0.2.1:8080' }));
  assert.equal(code, 1);
  assert.match(stderr, /server "web": 192\.0\.2\.1:8080 is not an address of this machine/);
});

test('a unix socket with another listener: 1, and it is not removed', async (t) => {
  const path = join(temporaryFolder(t), 'taken.sock');
  const server = createServer((socket) => socket.on('error', () => {}).end('A')).listen(path);
  t.after(() => server.close());
  await once(server, 'listening');
  const { code, stderr } = await start(t, serverToml('web', ['127.0.0.1:1'], { bind: `unix:${path}` }));
  assert.equal(code, 1);
  assert.match(stderr, /server "web": unix:.*taken\.sock is already in use/);
  assert.equal(await answerOf({ path }), 'A');
});

test('a file at the place of a unix socket: 1, and it stays', async (t) => {
  const path = temporaryFile(t, 'data', 'mine');
  const { code } = await start(t, serverToml('web', ['127.0.0.1:1'], { bind: `unix:${path}` }));
  assert.equal(code, 1);
  assert.ok(existsSync(path));
});

for (const key of ['output', 'access_log']) {
  test(`logging.${key} that cannot be written: 1`, async (t) => {
    const port = await freePort();
    const log = `[logging]\n${key} = "/no/such/folder/tslb.log"\n`;
    const { code, stderr } = await start(t, log + serverToml('web', ['127.0.0.1:1'], { bind: `127.0.0.1:${port}` }));
    assert.equal(code, 1);
    assert.match(stderr, /^tslb: cannot start: cannot open log output \/no\/such\/folder\/tslb\.log: .*ENOENT/m);
    assert.equal(await answerOf({ ip: '127.0.0.1', port }), 'ECONNREFUSED');
  });
}

test('a pid file that cannot be written: 1', async (t) => {
  const { code, stderr } = await start(t, serverToml('web', ['127.0.0.1:1']), ['-p', '/no/such/folder/tslb.pid']);
  assert.equal(code, 1);
  assert.match(stderr, /cannot write pid file \/no\/such\/folder\/tslb\.pid: /);
});

test('after a failed start the pid file is gone', async (t) => {
  const pidFile = join(temporaryFolder(t), 'tslb.pid');
  const config = serverToml('web', ['127.0.0.1:1'], { bind: `127.0.0.1:${await takenPort(t)}` });
  assert.equal((await start(t, config, ['-p', pidFile])).code, 1);
  assert.equal(existsSync(pidFile), false);
});

test('a bind with an unknown name: 1', async (t) => {
  const { code, stderr } = await start(t, serverToml('web', ['127.0.0.1:1'], { bind: 'no-such-name.invalid:8080' }));
  assert.equal(code, 1);
  assert.match(stderr, /cannot resolve the bind host "no-such-name\.invalid"/);
});

test('a low port without the right: 1, and what it wants', { skip: skipUnprivileged() }, async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'tslb.toml');
  writeFileSync(file, serverToml('web', ['127.0.0.1:1'], { bind: '127.0.0.1:81' }));
  const through = ['setpriv', '--bounding-set=-net_bind_service', '--inh-caps=-net_bind_service'];
  const { code, stderr } = await tslb(['start', '-c', file], { through });
  assert.equal(code, 1);
  assert.match(stderr, /no permission to listen on 127\.0\.0\.1:81; ports below 1024 need root/);
});

/** Root gives up the right; who is not root has none, but may have been given it by the system. */
function skipUnprivileged(): string | false {
  return process.getuid?.() === 0 && process.platform === 'linux' ? false : 'wants root, to give up a right of its own';
}
