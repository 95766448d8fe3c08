import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { whyNoEngine } from '../../src/data/engines/registry.ts';
import { serverToml, startTslb, temporaryFile, tslb, WITHOUT_KOFFI } from '../helpers/processes/cli.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { answerOf, listed, openEcho, roundTrip, startNamed } from '../helpers/sockets/traffic.ts';

const skip = whyNoEngine('epoll') ?? false;
const EPOLL = { engine: 'epoll' };
const CLEAN = { code: 0, signal: null };

test('an engine that cannot run here: 1, saying why', async (t) => {
  const config =
    serverToml('plain', ['127.0.0.1:1']) + serverToml('web', ['127.0.0.1:1'], { bind: '127.0.0.2:0', ...EPOLL });
  const { code, stderr } = await tslb(['start', '-c', temporaryFile(t, 'tslb.toml', config)], {
    env: WITHOUT_KOFFI,
  });
  assert.equal(code, 1);
  const why =
    process.platform === 'linux'
      ? 'the package koffi is not installed'
      : `epoll needs Linux, and this is ${process.platform}`;
  assert.equal(stderr, `tslb: cannot start: engine "epoll" cannot run here: ${why}\n`);
});

test('auto is net where epoll cannot run, and says so once', async (t) => {
  const servers = ['one', 'two'].map((name, n) => serverToml(name, ['127.0.0.1:1'], { bind: `127.0.0.${1 + n}:0` }));
  const running = await startTslb(t, servers.join(''), { env: WITHOUT_KOFFI });
  const warnings = running.lines.filter((line) => line.includes('[WARN'));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /: engine auto is net: epoll cannot run here reason=/);
  assert.ok(running.has(/: started engines=net threads=\d+ servers=2$/));
});

test('--version says why auto is not epoll', async () => {
  const { stdout } = await tslb(['--version'], { env: WITHOUT_KOFFI });
  assert.match(stdout, /\nengine net, up to \d+ threads?; epoll cannot run here: /);
});

test('a reload that asks for an engine that cannot run here changes nothing', async (t) => {
  const web = serverToml('web', [listed(await startNamed(t, 'A'))]);
  const running = await startTslb(t, web, { env: WITHOUT_KOFFI });
  const more = serverToml('more', [listed(await startNamed(t, 'B'))], { bind: '127.0.0.2:0', ...EPOLL });
  await running.reload(web + more, /: not reloaded .*TSLB_ENGINE\b/);
  assert.equal(await answerOf(running.at('web')), 'A');
});

test('the start says which engines run; each carries its servers, and they stop alike', { skip }, async (t) => {
  const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
  const config =
    serverToml('fast', [listed(a)], { engine: 'auto' }) +
    serverToml('plain', [listed(b)], { bind: '127.0.0.2:0', engine: 'net' });
  const running = await startTslb(t, config);
  const threads = 1 + availableParallelism();
  const started = new RegExp(`: started engines=epoll,net threads=${threads} servers=2$`);
  assert.ok(running.has(started), running.lines.join('\n'));
  assert.equal(await answerOf(running.at('fast')), 'A');
  assert.equal(await answerOf(running.at('plain')), 'B');
  assert.deepEqual(await running.stop(), CLEAN);
  assert.equal(await answerOf(running.at('fast')), 'ECONNREFUSED');
});

test('the engine of an open address changes at the next start only', { skip }, async (t) => {
  const echoing = listed(await startBackend(t, echo));
  const [plain, fast] = [serverToml('web', [echoing], { engine: 'net' }), serverToml('web', [echoing], EPOLL)];
  const running = await startTslb(t, plain);
  const client = await openEcho(t, running.at('web'));
  await running.reload(fast, /: not reloaded .*TSLB_ENGINE_CHANGE/);
  assert.ok(
    running.has(/engine \\?"epoll\\?": 127\.0\.0\.1:0 is open with \\?"net\\?"; the engine changes only at a restart/),
  );
  await roundTrip(client);
  await roundTrip(await openEcho(t, running.at('web')));
  await running.reload(serverToml('web', [echoing], { ...EPOLL, bind: '127.0.0.2:0' }));
  await roundTrip(client);
  await roundTrip(await openEcho(t, running.at('web')));
});

test('a second signal cuts what the epoll engine holds', { skip }, async (t) => {
  const running = await startTslb(t, serverToml('web', [listed(await startBackend(t, echo))], EPOLL));
  const client = await openEcho(t, running.at('web'));
  running.signal('SIGTERM');
  await running.logged(/: stopping /);
  running.signal('SIGTERM');
  assert.deepEqual(await running.ended, CLEAN);
  assert.equal((await client.closed()).end, 'ECONNRESET');
});
