import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ENGINE_KINDS, whyNoEngine } from '../../src/data/engines/registry.ts';
import type { BackendJson } from '../../src/wire/v1/backend.ts';
import { V1App } from '../helpers/rigs/v1-app.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { readEvents } from '../helpers/sockets/events.ts';
import { connectTo } from '../helpers/sockets/peer.ts';
import { answerOf, listed, openEcho, roundTrip, startNamed } from '../helpers/sockets/traffic.ts';

interface OneBackend {
  readonly backend: BackendJson;
}

function path(key: string, server = 'web'): string {
  return `/servers/${server}/backends/${encodeURIComponent(key)}`;
}

/** How many of so many new connections each backend gets. */
async function shares(run: V1App, count: number): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (let n = 0; n < count; n++) {
    const answer = await answerOf(run.app.address);
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}

describe('a backend with overrides', () => {
  test('that drains gets no new client, and its connections go on; then the override is cleared', async (t) => {
    const [echoing, a] = [await startBackend(t, echo), await startNamed(t, 'A')];
    const run = await V1App.start(t, [listed(echoing), listed(a, 'weight=0')]);
    const client = await openEcho(t, run.app.address);
    const { backend } = await run.ok<OneBackend>(`PATCH ${path(listed(echoing))}`, { state: 'draining' });
    assert.deepEqual(
      [backend.status, backend.state, backend.state_override, backend.obstacle],
      ['draining', 'draining', true, 'draining'],
    );
    assert.deepEqual(await shares(run, 5), { A: 5 });
    await roundTrip(client);
    const { backend: again } = await run.ok<OneBackend>(`PATCH ${path(listed(echoing))}`, { state: null });
    assert.deepEqual([again.status, again.state_override, 'obstacle' in again], ['unchecked', false, false]);
    await openEcho(t, run.app.address);
  });

  for (const engine of ENGINE_KINDS) {
    const skip = whyNoEngine(engine) ?? false;
    test(`that drains has no client from the answer on, also one of many at once (${engine})`, { skip }, async (t) => {
      const drained = await Promise.all(
        Array.from({ length: 12 }, () => startBackend(t, ({ socket }) => socket.end('D'))),
      );
      const a = await startNamed(t, 'A');
      const run = await V1App.start(t, [...drained.map((each) => listed(each)), listed(a, 'priority=2')], { engine });
      await Promise.all(drained.map((each) => run.ok(`PATCH ${path(listed(each))}`, { state: 'draining' })));
      assert.deepEqual(await shares(run, 12), { A: 12 });
      assert.ok(drained.every(({ peers }) => peers.length === 0));
    });

    test(`that is added has clients, and removed has none, from the answer on (${engine})`, { skip }, async (t) => {
      const names = ['B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K'];
      const many = await Promise.all(names.map((name) => startNamed(t, name)));
      const run = await V1App.start(t, [listed(await startNamed(t, 'A'), 'priority=2')], { engine });
      const added = many.map(({ port }) => run.ok('POST /servers/web/backends', { host: '127.0.0.1', port }, 201));
      await Promise.all(added);
      assert.deepEqual(await shares(run, 10), Object.fromEntries(names.map((name) => [name, 1])));
      await Promise.all(many.map((each) => run.ok(`DELETE ${path(listed(each))}`)));
      assert.deepEqual(await shares(run, 4), { A: 4 });
    });
  }

  test('that was put so by the list is enabled, and null gives it back to the list', async (t) => {
    const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
    const run = await V1App.start(t, [listed(a), listed(b, 'state=disabled')]);
    assert.deepEqual(await shares(run, 4), { A: 4 });
    await run.ok(`PATCH ${path(listed(b))}`, { state: 'enabled' });
    assert.deepEqual(await shares(run, 4), { A: 2, B: 2 });
    await run.ok(`PATCH ${path(listed(b))}`, { state: null });
    assert.deepEqual(await shares(run, 4), { A: 4 });
  });

  test('gets another share by its weight, until null', async (t) => {
    const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
    const run = await V1App.start(t, [listed(a), listed(b)]);
    const { backend } = await run.ok<OneBackend>(`PATCH ${path(listed(b))}`, { weight: 3 });
    assert.deepEqual([backend.weight, backend.weight_override, backend.state_override], [3, true, false]);
    assert.deepEqual(await shares(run, 40), { A: 10, B: 30 });
    await run.ok(`PATCH ${path(listed(b))}`, { weight: null });
    assert.deepEqual(await shares(run, 40), { A: 20, B: 20 });
  });

  test('holds no more than its limit', async (t) => {
    const [echoing, a] = [await startBackend(t, echo), await startNamed(t, 'A')];
    const run = await V1App.start(t, [listed(echoing, 'priority=1'), listed(a, 'priority=2')]);
    await run.ok(`PATCH ${path(listed(echoing))}`, { max_connections: 1 });
    const client = await openEcho(t, run.app.address);
    assert.deepEqual(await shares(run, 5), { A: 5 });
    await run.ok(`PATCH ${path(listed(echoing))}`, { max_connections: null });
    await openEcho(t, run.app.address);
    await roundTrip(client);
  });

  test('keeps what was set through a reload and through other changes', async (t) => {
    const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
    const run = await V1App.start(t, [listed(a), listed(b)]);
    await run.ok(`PATCH ${path(listed(b))}`, { state: 'draining' });
    await run.ok(`PATCH ${path(listed(b))}`, { weight: 9 });
    await run.ok('PATCH /servers/web', { balance: 'roundrobin' });
    await run.app.reload([listed(a), listed(b, 'weight=2')]);
    const { state, weight, weight_override: isWeightOverridden } = await run.backend(listed(b));
    assert.deepEqual([state, weight, isWeightOverridden], ['draining', 9, true]);
    assert.deepEqual(await shares(run, 4), { A: 4 });
  });

  test('that has left the list is told with what holds for it, and can be changed and cleared', async (t) => {
    const [a, b] = [listed(await startNamed(t, 'A')), listed(await startNamed(t, 'B'))];
    const run = await V1App.start(t, [a, b]);
    const orphaned = async () => (await run.ok<{ orphaned: unknown }>('GET /servers/web/backends')).orphaned;
    await run.ok(`PATCH ${path(b)}`, { state: 'draining', max_connections: 5 });
    assert.deepEqual(await orphaned(), []);
    await run.app.reload([a]);
    while ((await run.server()).backends.length > 1);
    const held = { key: b, state: 'draining', max_connections: 5 };
    assert.deepEqual(await orphaned(), [held]);
    assert.deepEqual(await run.ok(`PATCH ${path(b)}`, { state: null }), { orphaned: { key: b, max_connections: 5 } });
    assert.deepEqual(await run.ok(`PATCH ${path(b)}`, { max_connections: null }), { orphaned: { key: b } });
    assert.deepEqual(await orphaned(), []);
    await run.refused(`PATCH ${path(b)}`, { max_connections: null }, 404);
  });

  test('that is asked for what cannot be is not changed', async (t) => {
    const a = listed(await startNamed(t, 'A'));
    const run = await V1App.start(t, [a]);
    const before = await run.backend(a);
    const wrong = { state: 'gone', weight: 1.5, max_connections: '5', color: 'red' };
    const { problems = [] } = await run.refused(`PATCH ${path(a)}`, wrong, 422);
    assert.deepEqual(problems.map((problem) => problem.path).toSorted(), [
      'color',
      'max_connections',
      'state',
      'weight',
    ]);
    const { state, weight } = await run.backend(a);
    assert.deepEqual([state, weight], [before.state, before.weight]);
    assert.equal((await run.refused(`PATCH ${path('a:1')}`, {}, 404)).code, 'TSLB_NO_SUCH_BACKEND');
    assert.equal((await run.refused(`PATCH ${path(a, 'nix')}`, {}, 404)).code, 'TSLB_NO_SUCH_SERVER');
  });
});

describe('backends of a server', () => {
  test('are added: there is where it is said to be, and clients get there', async (t) => {
    const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
    const run = await V1App.start(t, [listed(a)]);
    const table = { host: '127.0.0.1', port: b.port, weight: 3 };
    const { status, headers, body } = await run.v1.ask('POST /servers/web/backends', table);
    const { backend } = body as OneBackend;
    assert.deepEqual([status, backend.key, backend.is_dynamic, backend.weight], [201, listed(b), true, 3]);
    assert.equal(headers['location'], `/v1${path(listed(b))}`);
    assert.equal((await run.backend(listed(b))).key, listed(b));
    assert.deepEqual(await shares(run, 4), { A: 1, B: 3 });
    assert.equal((await run.refused('POST /servers/web/backends', table, 409)).code, 'TSLB_BACKEND_EXISTS');
    await run.app.reload([listed(a, 'weight=3')]);
    assert.deepEqual(await shares(run, 4), { A: 2, B: 2 });
  });

  test('are refused with all that is wrong', async (t) => {
    const run = await V1App.start(t, [listed(await startNamed(t, 'A'))]);
    for (const [wrong, paths] of [
      [{ host: 'a', port: 80, weight: -1, state: 'off' }, ['state', 'weight']],
      [{ host: 'a b', port: 80 }, ['host']],
      [{ host: 'a', port: 65_536 }, ['port']],
      [{ hosst: 'a', port: 1 }, ['hosst', 'host']],
      [{ host: 'a', port: 1, drain: true, foo_bar: 1 }, ['drain', 'foo_bar']],
    ] as const) {
      const { problems = [] } = await run.refused('POST /servers/web/backends', wrong, 422);
      assert.deepEqual(problems.map((problem) => problem.path).toSorted(), paths);
    }
    await run.refused('POST /servers/web/backends', {}, 422);
    await run.refused('POST /servers/web/backends', undefined, 400);
    assert.equal(
      (await run.refused('POST /servers/nix/backends', { host: 'a', port: 1 }, 404)).code,
      'TSLB_NO_SUCH_SERVER',
    );
    assert.equal((await run.server()).backends.length, 1);
  });

  test('are taken away, also those of the list, and stay so through a reload; connections go on', async (t) => {
    const [echoing, a] = [await startBackend(t, echo), await startNamed(t, 'A')];
    const run = await V1App.start(t, [listed(echoing), listed(a, 'weight=0')]);
    const client = await openEcho(t, run.app.address);
    assert.deepEqual(await run.ok(`DELETE ${path(listed(echoing))}`), { removed: listed(echoing) });
    assert.deepEqual(await shares(run, 5), { A: 5 });
    const { status, active } = await run.backend(listed(echoing));
    assert.deepEqual([status, active], ['removed', 1]);
    await roundTrip(client);
    await run.app.reload([listed(echoing), listed(a)]);
    assert.deepEqual(await shares(run, 5), { A: 5 });
    await run.ok('POST /servers/web/backends', { host: '127.0.0.1', port: echoing.port, weight: 100 }, 201);
    await openEcho(t, run.app.address);
    const gone = await run.refused(`DELETE ${path('127.0.0.1:1')}`, undefined, 404);
    assert.equal(gone.code, 'TSLB_NO_SUCH_BACKEND');
  });

  test('stand in the list in byte order, with all that is known of them', async (t) => {
    const backends = [await startNamed(t, 'A'), await startNamed(t, 'B'), await startNamed(t, 'C')].map((b) =>
      listed(b),
    );
    const run = await V1App.start(t, backends);
    const { backends: found } = await run.ok<{ backends: readonly BackendJson[] }>('GET /servers/web/backends');
    assert.deepEqual(
      found.map(({ key }) => key),
      backends.toSorted(),
    );
    assert.deepEqual(found, (await run.server()).backends);
    for (const { since, changed_at: changedAt } of found) assert.ok(since <= changedAt, `${since} ${changedAt}`);
  });
});

test('a backend that goes down and comes back says since when and why, and is an event', async (t) => {
  const backend = await startNamed(t, 'A');
  const healthcheck = { kind: 'ping', interval: '50ms', timeout: '1s', fails: 1, passes: 1 };
  const run = await V1App.start(t, [listed(backend)]);
  await run.ok('PATCH /servers/web', { healthcheck });
  const events = await readEvents(t, run.v1.address, '/v1/events?snapshots=false');
  await events.untilThat(() => true);
  const before = await run.backend(listed(backend));
  await backend.close();
  const isChange = (what: string) => (event: { data: unknown }) => (event.data as { what: string }).what === what;
  await events.untilThat((all) => all.some(isChange('down')));
  const down = await run.backend(listed(backend));
  assert.deepEqual(
    [down.status, down.obstacle, down.health?.live, down.downs],
    ['down', 'down', false, before.downs + 1],
  );
  assert.match(down.health?.reason ?? '', /refused|reset/i);
  assert.ok(down.changed_at > before.changed_at && down.since === before.since);
  assert.equal(await answerOf(run.app.address), '');

  const again = await startBackend(t, ({ socket }) => socket.end('A'), { at: backend.address });
  assert.equal(again.port, backend.port);
  await events.untilThat((all) => all.some(isChange('up')));
  const up = await run.backend(listed(backend));
  assert.deepEqual([up.status, up.health?.live], ['up', true]);
  assert.ok(up.changed_at > down.changed_at);
  const client = connectTo(t, run.app.address);
  await client.received(1);
});
