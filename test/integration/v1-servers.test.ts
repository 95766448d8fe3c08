import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, test } from 'node:test';

import { type ServerAnswer, serverTable, startEcho, V1App } from '../helpers/rigs/v1-app.ts';
import { readEvents } from '../helpers/sockets/events.ts';
import { connectTo } from '../helpers/sockets/peer.ts';
import { answerOf, freePort, listed, openEcho, roundTrip, startNamed } from '../helpers/sockets/traffic.ts';

describe('PUT of a server', () => {
  test('creates it, and it listens when the answer is there', async (t) => {
    const a = listed(await startNamed(t, 'A'));
    const run = await V1App.start(t, [a]);
    const port = await freePort();
    const { server, config } = await run.ok<ServerAnswer>('PUT /servers/more', serverTable(port, [a]), 201);
    assert.equal(await answerOf({ ip: '127.0.0.1', port }), 'A');
    assert.deepEqual([server.name, server.addresses], ['more', [`127.0.0.1:${port}`]]);
    assert.deepEqual(
      server.backends.map(({ key }) => key),
      [a],
    );
    assert.deepEqual([config['bind'], config['balance']], [`127.0.0.1:${port}`, 'weight']);
    const { servers } = await run.ok<{ servers: readonly { name: string }[] }>('GET /servers');
    assert.deepEqual(
      servers.map(({ name }) => name),
      ['web', 'more'],
    );
  });

  test('replaces one: what is left out has its default again, and connections stay', async (t) => {
    const [echoing, a] = [await startEcho(t), listed(await startNamed(t, 'A'))];
    const run = await V1App.start(t, [echoing], { max_connections: 7 });
    const { port } = run.app.address as { port: number };
    const client = await openEcho(t, run.app.address);
    const { config } = await run.ok<ServerAnswer>(
      'PUT /servers/web',
      serverTable(port, [a], { balance: 'roundrobin' }),
    );
    assert.deepEqual([config['max_connections'], config['balance']], [0, 'roundrobin']);
    assert.equal(await answerOf(run.app.address), 'A');
    await roundTrip(client);
  });

  test('twice at once creates it once, and replaces it then', async (t) => {
    const a = listed(await startNamed(t, 'A'));
    const run = await V1App.start(t, [a]);
    const body = serverTable(await freePort(), [a]);
    const answers = await Promise.all(['1', '2', '3'].map(() => run.v1.ask('PUT /servers/more', body)));
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 200, 201]);
  });

  test('is seen by clients that watch from then on', async (t) => {
    const a = listed(await startNamed(t, 'A'));
    const run = await V1App.start(t, [a]);
    await run.ok('PUT /servers/more', serverTable(await freePort(), [a]), 201);
    const read = await run.ok<{ at: string }>('GET /stats');
    const reader = await readEvents(t, run.v1.address, '/v1/events?changes=false');
    await reader.until(1);
    const first = reader.events[0]?.data as { at: string; servers: readonly { name: string }[] };
    assert.deepEqual(
      first.servers.map(({ name }) => name),
      ['web', 'more'],
    );
    assert.ok(first.at >= read.at, `${first.at} after ${read.at}`);
  });

  test('with If-None-Match creates only', async (t) => {
    const a = listed(await startNamed(t, 'A'));
    const run = await V1App.start(t, [a], { max_connections: 7 });
    const put = (name: string, port: number) =>
      run.v1.ask(`PUT /servers/${name}`, serverTable(port, [a]), { 'if-none-match': '*' });
    const { status, body } = await put('web', await freePort());
    assert.deepEqual([status, (body as { error: { code: string } }).error.code], [409, 'TSLB_SERVER_EXISTS']);
    assert.equal((await run.config())['max_connections'], 7);
    assert.equal((await put('more', await freePort())).status, 201);
  });

  test('that is wrong says all that is, with paths, and changes nothing', async (t) => {
    const run = await V1App.start(t, [listed(await startNamed(t, 'A'))], { max_connections: 7 });
    const wrong = { bind: 'nowhere', balence: 'weight', max_connections: -1, discovery: { kind: 'static' } };
    const { code, problems = [] } = await run.refused('PUT /servers/web', wrong, 422);
    assert.equal(code, 'TSLB_CONFIG_REFUSED');
    assert.deepEqual(problems.map(({ path }) => path).toSorted(), [
      'servers.web.balence',
      'servers.web.bind',
      'servers.web.discovery.static_list',
      'servers.web.max_connections',
    ]);
    assert.equal(problems.find(({ path }) => path === 'servers.web.balence')?.suggestion, 'write balance');
    assert.equal((await run.config())['max_connections'], 7);
    assert.equal(await answerOf(run.app.address), 'A');
    for (const body of [[], 'text', 7, true]) await run.refused('PUT /servers/web', JSON.stringify(body), 422);
    await run.refused('PUT /servers/a%2Fb', serverTable(await freePort(), []), 422);
    assert.equal(await answerOf(run.app.address), 'A');
  });

  test("with a key that has no effect is refused, which gobetween's form takes", async (t) => {
    const run = await V1App.start(t, [listed(await startNamed(t, 'A'))], { max_connections: 7 });
    const healthcheck = { kind: 'ping', interval: '10s', http_path: '/' };
    const body = serverTable(await freePort(), ['127.0.0.1:1'], { foo_bar: 1, healthcheck });
    const { problems = [] } = await run.refused('PUT /servers/more', body, 422);
    assert.deepEqual(problems.map(({ path, code }) => [path, code]).toSorted(), [
      ['servers.more.foo_bar', 'TSLB_CONFIG_KEY_UNKNOWN'],
      ['servers.more.healthcheck.http_path', 'TSLB_CONFIG_KEY_UNKNOWN'],
    ]);
    assert.deepEqual(problems.map(({ message }) => message).toSorted(), [
      'the key "foo_bar" has no effect here',
      'the key "http_path" has no effect here',
    ]);
    await run.app.control.steering.servers.put('more', body, { isNew: true }, { via: 'api' });
    assert.equal((await run.config('more'))['foo_bar'], undefined);
  });

  test('at an address in use is 409, and changes nothing', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const a = listed(await startNamed(t, 'A'));
    const run = await V1App.start(t, [a]);
    const { code, message } = await run.refused('PUT /servers/more', serverTable(port, [a]), 409);
    assert.equal(code, 'TSLB_BIND');
    assert.match(message, new RegExp(`127.0.0.1:${port} is already in use`));
    assert.equal((await run.refused('GET /servers/more', undefined, 404)).code, 'TSLB_NO_SUCH_SERVER');
    assert.equal((await run.refused('PATCH /servers/web', { bind: `127.0.0.1:${port}` }, 409)).code, 'TSLB_BIND');
    assert.equal(await answerOf(run.app.address), 'A');
  });
});

describe('PATCH of a server', () => {
  test('is a merge patch: tables by key, lists as a whole, null removes', async (t) => {
    const [a, b] = [listed(await startNamed(t, 'A')), listed(await startNamed(t, 'B'))];
    const run = await V1App.start(t, [a], { max_connections: 7, balance: 'roundrobin' });
    const patch = async (body: unknown): Promise<ServerAnswer> => run.ok('PATCH /servers/web', body);
    const check = { kind: 'ping', interval: '10s', timeout: '1s', passes: 3 };
    await patch({ healthcheck: check });
    const { config } = await patch({ healthcheck: { interval: '20s', passes: null }, max_connections: null });
    const { healthcheck } = config as { healthcheck: Readonly<Record<string, unknown>> };
    assert.deepEqual(
      [healthcheck['kind'], healthcheck['interval'], healthcheck['timeout'], healthcheck['passes']],
      ['ping', '20s', '1s', 1],
    );
    assert.deepEqual([config['max_connections'], config['balance']], [0, 'roundrobin']);

    const { server } = await patch({ discovery: { static_list: [b] }, healthcheck: null });
    // The other one is there until every thread has let go of it.
    const inForce = server.backends.filter(({ status }) => status !== 'removed');
    assert.deepEqual(
      inForce.map(({ key }) => key),
      [b],
    );
    assert.equal(await answerOf(run.app.address), 'B');
    const { config: unchanged } = await patch({});
    assert.deepEqual(unchanged, await run.config());
  });

  test('may be sent as what it is', async (t) => {
    const run = await V1App.start(t, [listed(await startNamed(t, 'A'))]);
    const type = { 'content-type': 'application/merge-patch+json' };
    const { status } = await run.v1.ask('PATCH /servers/web', { max_connections: 3 }, type);
    assert.deepEqual([status, (await run.server()).max_connections], [200, 3]);
  });

  test('is read strictly, but not what it is laid over', async (t) => {
    const run = await V1App.start(t, [listed(await startNamed(t, 'A'))], { foo_bar: 1 });
    const { problems = [] } = await run.refused('PATCH /servers/web', { drain: true, discovery: { x_y: 1 } }, 422);
    assert.deepEqual(problems.map(({ path }) => path).toSorted(), ['servers.web.discovery.x_y', 'servers.web.drain']);
    const check = { kind: 'http', interval: '10s', timeout: '1s', http_path: '/up' };
    await run.ok('PATCH /servers/web', { healthcheck: check });
    await run.ok('PATCH /servers/web', { healthcheck: { kind: 'ping' } });
    assert.deepEqual(((await run.config())['healthcheck'] as { kind: string }).kind, 'ping');
  });

  test('that is nested without end is wrong as others are', async (t) => {
    const run = await V1App.start(t, [listed(await startNamed(t, 'A'))]);
    const deep = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
    const { problems = [] } = await run.refused('PATCH /servers/web', deep, 422);
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['servers.web.a'],
    );
    await run.refused('PATCH /servers/web', `{"discovery":${deep}}`, 422);
    await run.refused('PATCH /servers/web', `{"discovery":{"static_list":${deep}}}`, 422);
    await run.refused('PUT /servers/web', deep, 422);
    await run.refused('POST /servers/web/backends', `{"host":${deep}}`, 422);
  });

  test('that is wrong, or of no server, changes nothing', async (t) => {
    const run = await V1App.start(t, [listed(await startNamed(t, 'A'))]);
    const { problems = [] } = await run.refused('PATCH /servers/web', { balance: 'waight', retries: 'x' }, 422);
    assert.deepEqual(problems.map(({ path }) => path).toSorted(), ['servers.web.balance', 'servers.web.retries']);
    assert.equal((await run.refused('PATCH /servers/nix', {}, 404)).code, 'TSLB_NO_SUCH_SERVER');
    await run.refused('PATCH /servers/web', [], 422);
    assert.equal((await run.config())['balance'], 'weight');
  });
});

test('PUT and PATCH under traffic lose no connection, and those that are open stay', async (t) => {
  const echoing = [await startEcho(t), await startEcho(t)];
  const run = await V1App.start(t, echoing);
  const { port } = run.app.address as { port: number };
  const kept = await Promise.all(Array.from({ length: 20 }, () => openEcho(t, run.app.address)));
  let isWanted = true;
  let served = 0;
  const clients = Array.from({ length: 8 }, async () => {
    while (isWanted) {
      const client = await openEcho(t, run.app.address);
      await client.finish('bye');
      const { bytes, end } = await client.closed();
      assert.deepEqual([bytes, end], [4, 'FIN']);
      served += 1;
    }
  });
  for (let n = 1; n <= 20; n++) {
    const balance = ['weight', 'leastconn', 'roundrobin', 'iphash'][n % 4];
    await run.ok('PUT /servers/web', serverTable(port, n % 2 === 0 ? echoing : echoing.toReversed(), { balance }));
    await run.ok('PATCH /servers/web', { max_connections: 1000 + n, client_idle_timeout: `${n}h` });
    await Promise.all(kept.map(roundTrip));
  }
  isWanted = false;
  await Promise.all(clients);
  const { causes, accepted, no_backend: noBackend } = await run.ended(served);
  assert.ok(served >= 8);
  assert.deepEqual([causes, accepted, noBackend], [{ '--': served }, served + kept.length, 0]);
});

test('the figures of a server are its own, and begin at 0 again when they are reset', async (t) => {
  const run = await V1App.start(t, [await startEcho(t)]);
  const open = await openEcho(t, run.app.address);
  const client = connectTo(t, run.app.address);
  await client.finish('12345');
  await client.closed();
  const before = await run.ended(1);
  assert.deepEqual([before.accepted, before.active, before.causes], [2, 1, { '--': 1 }]);
  await roundTrip(open);
  assert.deepEqual(await run.ok('POST /counters/reset', { server: 'web' }), {});
  const { accepted, active, causes, rx, tx, backends } = await run.server();
  assert.deepEqual([accepted, active, causes], [0, 1, {}]);
  assert.ok(rx <= 1 && tx <= 1, `${rx} ${tx}`);
  assert.deepEqual([backends[0]?.total, backends[0]?.active], [0, 1]);
  await run.ok('POST /counters/reset');
  await run.ok('POST /counters/reset', {});
  assert.equal((await run.refused('POST /counters/reset', { server: 'nix' }, 404)).code, 'TSLB_NO_SUCH_SERVER');
});
