import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { serverToml, startTslb, temporaryFolder } from '../helpers/processes/cli.ts';
import { banner, echo, REFUSING, startBackend } from '../helpers/sockets/backends.ts';
import { MIB, payload, sha256 } from '../helpers/sockets/payload.ts';
import { connectTo } from '../helpers/sockets/peer.ts';
import { answerOf, listed, startNamed } from '../helpers/sockets/traffic.ts';

async function countAnswers(address: { ip: string; port: number }, requests: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let n = 0; n < requests; n++) {
    const answer = await answerOf(address);
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}

test('connections are shared by weight, exactly', async (t) => {
  const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
  const running = await startTslb(t, serverToml('web', [listed(a, 'weight=2'), listed(b, 'priority=1 weight=3')]));
  assert.deepEqual(await countAnswers(running.at('web'), 50), { A: 20, B: 30 });
});

test('several servers and several binds, each with its own backends', async (t) => {
  const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
  const path = join(temporaryFolder(t), 'tslb.sock');
  const binds = ['127.0.0.1:0', '127.0.0.2:0', `unix:${path}`];
  const running = await startTslb(
    t,
    serverToml('web', [listed(a)], { bind: binds }) + serverToml('other', [listed(b)], { bind: '127.0.0.3:0' }),
  );
  assert.equal(await answerOf(running.at('web', '127.0.0.1:0')), 'A');
  assert.equal(await answerOf(running.at('web', '127.0.0.2:0')), 'A');
  assert.equal(await answerOf({ path }), 'A');
  assert.equal(await answerOf(running.at('other')), 'B');
});

test('a bind on all addresses answers IPv4 and IPv6', async (t) => {
  const running = await startTslb(t, serverToml('web', [listed(await startNamed(t, 'A'))], { bind: '*:0' }));
  const { port } = running.at('web');
  assert.equal(await answerOf({ ip: '127.0.0.1', port }), 'A');
  assert.match(await answerOf({ ip: '::1', port }), /^(A|EADDRNOTAVAIL|EAFNOSUPPORT)$/);
});

test('a backend by its name', async (t) => {
  const { port } = await startNamed(t, 'A');
  const running = await startTslb(t, serverToml('web', [`localhost:${port}`]));
  assert.deepEqual(await countAnswers(running.at('web'), 5), { A: 5 });
});

test('a backend with an unknown name is left out', async (t) => {
  const backends = ['no-such-name.invalid:80 weight=100', listed(await startNamed(t, 'A'))];
  const running = await startTslb(t, serverToml('web', backends));
  assert.ok(running.has(/\[WARNI\] .*backend name not resolved server=web backend=no-such-name\.invalid:80/));
  assert.deepEqual(await countAnswers(running.at('web'), 5), { A: 5 });
});

test('a backend on a unix socket', async (t) => {
  const path = join(temporaryFolder(t), 'backend.sock');
  const backend = await startBackend(t, banner('U'), { at: { path } });
  const running = await startTslb(t, serverToml('web', [listed(backend)]));
  assert.deepEqual(await countAnswers(running.at('web'), 5), { U: 5 });
});

test('a backend that refuses costs no client its connection', async (t) => {
  const refused = 'port' in REFUSING ? `127.0.0.1:${REFUSING.port}` : '';
  const running = await startTslb(t, serverToml('web', [`${refused} weight=9`, listed(await startNamed(t, 'A'))]));
  assert.deepEqual(await countAnswers(running.at('web'), 20), { A: 20 });
  assert.equal(running.lines.filter((line) => line.includes('backend connect failed')).length, 1);
});

test('access rules let in the clients that they allow', async (t) => {
  const server = serverToml('web', [listed(await startNamed(t, 'A'))]);
  const rules = '[servers.web.access]\ndefault = "deny"\nrules = ["deny 127.0.0.6", "allow 127.0.0.4/30"]\n';
  const running = await startTslb(t, server + rules);
  for (const [from, answer] of [
    ['127.0.0.1', ''],
    ['127.0.0.4', 'A'],
    ['127.0.0.6', ''],
    ['127.0.0.7', 'A'],
    ['127.0.0.8', ''],
  ] as const) {
    assert.match(await answerOf(running.at('web'), from), answer === '' ? /^(ECONNRESET)?$/ : /^A$/, from);
  }
});

test('bytes arrive as they were sent, both ways and many at once', async (t) => {
  const running = await startTslb(t, serverToml('web', [listed(await startBackend(t, echo))]));
  const bytes = payload(4 * MIB);
  const expected = { bytes: bytes.length, sha256: sha256(bytes), end: 'FIN' };
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const client = connectTo(t, running.at('web'));
      await client.finish(bytes);
      assert.deepEqual(await client.closed(), expected);
    }),
  );
  assert.deepEqual(await running.stop(), { code: 0, signal: null });
});

test("the repository's own gobetween.toml starts with other ports", async (t) => {
  const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
  const text = readFileSync(new URL('../../../gobetween.toml', import.meta.url), 'utf8')
    .replace('bind = ":8080" ', 'bind = "127.0.0.1:0" ')
    .replace('"localhost:8001 ', `"localhost:${a.port} `)
    .replace('"localhost:8002 ', `"localhost:${b.port} `);
  const running = await startTslb(t, text);
  assert.deepEqual(await countAnswers(running.at('web'), 10), { A: 4, B: 6 });
});
