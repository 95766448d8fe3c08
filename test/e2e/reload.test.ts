import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { test, type TestContext } from 'node:test';

import { whyNoEngine } from '../../src/data/engines/registry.ts';
import { serverToml, startTslb } from '../helpers/processes/cli.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { connectTo, type Peer } from '../helpers/sockets/peer.ts';
import {
  answerOf,
  freePort,
  listed,
  openEcho,
  roundTrip,
  startNamed,
  untilAnswer,
  untilRefused,
} from '../helpers/sockets/traffic.ts';

const CLEAN = { code: 0, signal: null };

async function startEcho(t: TestContext): Promise<string> {
  return listed(await startBackend(t, echo));
}

test('a server that is added opens, the others are not touched', async (t) => {
  const [backend, echoing] = [await startNamed(t, 'A'), await startEcho(t)];
  const web = serverToml('web', [echoing]);
  const running = await startTslb(t, web);
  const client = await openEcho(t, running.at('web'));
  const line = await running.reload(web + serverToml('more', [listed(backend)], { bind: '127.0.0.2:0' }));
  assert.match(line, /reloaded added=\S*more\S* changed=\[\] removed=\[\] unchanged=1$/);
  assert.equal(await answerOf(running.at('more')), 'A');
  await roundTrip(client);
  await roundTrip(await openEcho(t, running.at('web')));
});

test('a server that is removed closes its port, and its connections go on to their end', async (t) => {
  const [backend, echoing] = [await startNamed(t, 'A'), await startEcho(t)];
  const web = serverToml('web', [listed(backend)]);
  const running = await startTslb(t, web + serverToml('old', [echoing], { bind: '127.0.0.2:0' }));
  const client = await openEcho(t, running.at('old'));
  assert.match(await running.reload(web), /reloaded added=\[\] changed=\[\] removed=\S*old\S* unchanged=1$/);
  await untilRefused(running.at('old'));
  await roundTrip(client);
  assert.equal(await answerOf(running.at('web')), 'A');
  await client.finish('last');
  assert.deepEqual({ ...(await client.closed()), sha256: '' }, { bytes: 6, end: 'FIN', sha256: '' });
  await running.logged(/: drained server=old$/);
});

test('a server that is removed is cut after the drain timeout', async (t) => {
  const echoing = await startEcho(t);
  const args = ['start', '-c', 'FILE', '--drain-timeout', '200ms'];
  const other = serverToml('other', [echoing], { bind: '127.0.0.2:0' });
  const running = await startTslb(t, serverToml('old', [echoing]) + other, { args });
  const client = await openEcho(t, running.at('old'));
  await running.reload(other);
  assert.equal((await client.closed()).end, 'ECONNRESET');
  await running.logged(/: drained server=old$/);
});

test(
  'a bind goes from every address to one and back, and its connections stay',
  { skip: whyNoEngine('epoll') ?? false },
  async (t) => {
    const echoing = await startEcho(t);
    const port = await freePort();
    const [everywhere, one] = [`:${port}`, `127.0.0.1:${port}`].map((bind) => serverToml('web', [echoing], { bind }));
    const running = await startTslb(t, everywhere!);
    const client = await openEcho(t, { ip: '127.0.0.2', port });
    assert.match(await running.reload(one!), /changed=\S*web\S*/);
    await untilRefused({ ip: '127.0.0.2', port });
    await roundTrip(await openEcho(t, { ip: '127.0.0.1', port }));
    assert.match(await running.reload(everywhere!), /changed=\S*web\S*/);
    await roundTrip(await openEcho(t, { ip: '127.0.0.2', port }));
    await roundTrip(client);
  },
);

test('a file that has become empty takes no server away', async (t) => {
  const running = await startTslb(t, serverToml('web', [listed(await startNamed(t, 'A'))]));
  await running.reload('# cut short\n', /not reloaded .*TSLB_NO_SERVERS/);
  assert.equal(await answerOf(running.at('web')), 'A');
});

test('backends come, go and change weight; connections to one that went go on', async (t) => {
  const [a, b, echoing] = [await startNamed(t, 'A'), await startNamed(t, 'B'), await startEcho(t)];
  const running = await startTslb(t, serverToml('web', [echoing]));
  const client = await openEcho(t, running.at('web'));
  assert.match(await running.reload(serverToml('web', [listed(a)])), /changed=\S*web\S*/);
  await untilAnswer(running.at('web'), 'A');
  await running.reload(serverToml('web', [listed(a, 'weight=1'), listed(b, 'weight=3')]));
  await untilAnswer(running.at('web'), 'B');
  const counts: Record<string, number> = {};
  for (let n = 0; n < 40; n++) {
    const answer = await answerOf(running.at('web'));
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  assert.deepEqual(counts, { A: 10, B: 30 });
  await running.reload(serverToml('web', [listed(a, 'priority=2'), listed(b, 'priority=1')]));
  await running.reload(serverToml('web', [listed(a)]));
  await untilAnswer(running.at('web'), 'A');
  await roundTrip(client);
});

test('limits and timeouts change in place, and open connections keep theirs', async (t) => {
  const [a, echoing] = [await startNamed(t, 'A'), await startEcho(t)];
  const running = await startTslb(t, serverToml('web', [listed(a)]));
  await running.reload(serverToml('web', [echoing], { max_connections: 2, client_idle_timeout: '1h' }));
  await untilRoundTrip(t, running.at('web'));
  const before = await insistOnEcho(t, running.at('web'));
  const second = await insistOnEcho(t, running.at('web'));
  assert.equal(await answerOf(running.at('web')), '');
  await running.logged(/client rejected server=web reason="server is at its max_connections"/);
  await second.finish();
  await second.closed();

  await running.reload(serverToml('web', [echoing], { max_connections: 0, client_idle_timeout: '150ms' }));
  const third = await openEcho(t, running.at('web'));
  const fourth = await openEcho(t, running.at('web'));
  assert.equal((await third.closed()).end, 'ECONNRESET');
  assert.equal((await fourth.closed()).end, 'ECONNRESET');
  await roundTrip(before);
});

test('a bind that changes: the old one closes, the new one opens, connections stay', async (t) => {
  const echoing = await startEcho(t);
  const running = await startTslb(t, serverToml('web', [echoing]));
  const old = running.at('web');
  const client = await openEcho(t, old);
  await running.reload(serverToml('web', [echoing], { bind: '127.0.0.2:0' }));
  assert.equal(running.at('web').ip, '127.0.0.2');
  await untilRefused(old);
  await roundTrip(client);
  await roundTrip(await openEcho(t, running.at('web')));
  assert.ok(!running.has(/drained/));
});

test('a bind goes from one server to another without a gap', async (t) => {
  const [a, echoing] = [await startNamed(t, 'A'), await startEcho(t)];
  const bind = `127.0.0.1:${await freePort()}`;
  const running = await startTslb(t, serverToml('old', [echoing], { bind }));
  const address = running.at('old');
  const client = await openEcho(t, address);
  const line = await running.reload(serverToml('new', [listed(a)], { bind }));
  assert.match(line, /added=\S*new\S* changed=\[\] removed=\S*old\S*/);
  await untilNamed(t, address);
  await roundTrip(client);
  await client.finish();
  await running.logged(/: drained server=old$/);
});

test('a kind of balance, access rules and retries change in place', async (t) => {
  const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
  const backends = [listed(a), listed(b)];
  const running = await startTslb(t, serverToml('web', backends));
  const deny = serverToml('web', backends, { balance: 'iphash1', retries: 0 });
  const rules = '[servers.web.access]\ndefault = "deny"\nrules = ["allow 127.0.0.3"]\n';
  await running.reload(deny + rules);
  await untilAnswer(running.at('web'), '');
  const answers = new Set<string>();
  for (let n = 0; n < 10; n++) answers.add(await answerOf(running.at('web'), '127.0.0.3'));
  assert.equal(answers.size, 1);
  assert.match([...answers].join(), /^[AB]$/);
});

test('a file with errors changes nothing, and each error is logged with its place', async (t) => {
  const a = await startNamed(t, 'A');
  const good = serverToml('web', [listed(a)]);
  const running = await startTslb(t, good);
  const bad = serverToml('web', ['127.0.0.1:1 wieght=2'], { blance: 'weight' });
  await running.reload(`[logging]\nlevel = "loud"\n${bad}`, /\[ERROR\] .*: not reloaded: the file has errors/);
  for (const place of [/tslb\.toml:2:9: error: logging\.level/, /toml:5:1: error: .*"balance"/, /toml:8:.*"weight"/]) {
    assert.ok(running.has(place), `${place.source}\n${running.lines.join('\n')}`);
  }
  assert.equal(await answerOf(running.at('web')), 'A');

  await running.reload('[servers', /not reloaded: the file has errors/);
  rmSync(running.configFile);
  running.signal('SIGHUP');
  await running.logged(/the file does not exist/);
  await running.logged(/not reloaded: the file has errors/);
  assert.equal(await answerOf(running.at('web')), 'A');

  await running.reload(good + serverToml('more', [listed(a)], { bind: '127.0.0.2:0' }));
  assert.equal(await answerOf(running.at('more')), 'A');
  assert.deepEqual(await running.stop(), CLEAN);
});

test('a bind in use changes nothing, and is logged', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const [a, b, echoing] = [await startNamed(t, 'A'), await startNamed(t, 'B'), await startEcho(t)];
  const kept = serverToml('kept', [echoing], { bind: '127.0.0.2:0' });
  const running = await startTslb(t, serverToml('web', [listed(a)]) + kept);
  const client = await openEcho(t, running.at('kept'));
  const free = await freePort();
  await running.reload(
    serverToml('web', [listed(b)]) +
      serverToml('more', [listed(b)], { bind: [`127.0.0.1:${free}`, `127.0.0.1:${port}`] }),
    /\[ERROR\] .*not reloaded/,
  );
  assert.ok(running.has(new RegExp(`server \\\\?"more\\\\?": 127\\.0\\.0\\.1:${port} is already in use`)));
  await untilRefused({ ip: '127.0.0.1', port: free });
  assert.equal(await answerOf(running.at('web')), 'A');
  await roundTrip(client);
  await roundTrip(await openEcho(t, running.at('kept')));
});

test('an access log that cannot be opened changes nothing', async (t) => {
  const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
  const running = await startTslb(t, serverToml('web', [listed(a)]));
  const log = '[logging]\naccess_log = "/no/such/folder/access.log"\n';
  await running.reload(log + serverToml('web', [listed(b)]), /\[ERROR\] .*not reloaded .*TSLB_LOG_OUTPUT/);
  assert.equal(await answerOf(running.at('web')), 'A');
});

test('backends that are listed by name instead of address: no client is turned away', async (t) => {
  const { port } = await startNamed(t, 'A');
  const running = await startTslb(t, serverToml('web', [`127.0.0.1:${port}`]));
  const answers = new Set<string>();
  let isReloading = true;
  const clients = Array.from({ length: 10 }, async () => {
    while (isReloading) answers.add(await answerOf(running.at('web')));
  });
  for (let n = 0; n < 6; n++) {
    await running.reload(serverToml('web', [`${n % 2 === 0 ? 'localhost' : '127.0.0.1'}:${port}`]));
    answers.add(await answerOf(running.at('web')));
  }
  isReloading = false;
  await Promise.all(clients);
  assert.deepEqual([...answers], ['A']);
});

/** The reload is logged a moment before each thread has followed it. */
async function untilNamed(t: TestContext, address: { ip: string; port: number }): Promise<void> {
  for (;;) {
    const client = connectTo(t, address);
    await client.send('x');
    await client.received(1);
    const isNamed = client.text === 'A';
    client.socket.destroy();
    if (isNamed) return;
  }
}

/** A connection that has just ended may still have its place. */
async function insistOnEcho(t: TestContext, address: { ip: string; port: number }): Promise<Peer> {
  for (;;) {
    try {
      return await openEcho(t, address);
    } catch {
      continue; // turned away
    }
  }
}

async function untilRoundTrip(t: TestContext, address: { ip: string; port: number }): Promise<void> {
  for (;;) {
    const client = connectTo(t, address);
    await client.send('x');
    await client.received(1);
    const isEcho = client.text === 'x';
    client.socket.destroy();
    await client.closed();
    if (isEcho) return;
  }
}
