import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  openEcho,
  roundTrip,
  answerOf,
  freePort,
  listed,
  startNamed,
  untilAnswer,
  untilRefused,
} from '../../test/helpers/traffic.ts';
import { echo, startBackend } from '../../test/helpers/backends.ts';
import { serverToml } from '../../test/helpers/cli.ts';
import { RunningApp } from '../../test/helpers/running-app.ts';
import { ConfigRefused } from '../config/refused.ts';
import { addressText } from '../core/address.ts';
import type { ServerConfig } from './config.ts';
import { loadConfig } from './load.ts';
import type { Actor, BackendStatus, Control, JsonTable } from '../core/control.ts';

const BY: Actor = { via: 'api', login: 'ann', client: '192.0.2.7:4711' };

function tableOf(bind: string | number, backends: readonly string[], keys: JsonTable = {}): JsonTable {
  return { bind, ...keys, discovery: { kind: 'static', static_list: backends } };
}

function namesOf(control: Control): readonly string[] {
  return control.servers().map(({ name }) => name);
}

function backendOf(control: Control, key: string): BackendStatus | undefined {
  return control.backends('web').find((backend) => backend.key === key);
}

/** Of a refusal: what is wrong, and where. */
function faultsOf(thrown: unknown): readonly string[] {
  assert.ok(thrown instanceof ConfigRefused);
  return thrown.diagnostics.map(({ path, code }) => `${path} ${code}`);
}

async function refusedFor(change: Promise<unknown>): Promise<readonly string[]> {
  return change.then(() => assert.fail('it was not refused'), faultsOf);
}

describe('servers', () => {
  test('one that is put is there at once, and one that is changed keeps its connections', async (t) => {
    const [echoing, a] = [listed(await startBackend(t, echo)), listed(await startNamed(t, 'a'))];
    const { control } = await RunningApp.start(t, [a]);
    const address = { ip: '127.0.0.1', port: await freePort() };
    await control.putServer('new', tableOf(`127.0.0.1:${address.port}`, [echoing]), { isNew: true }, BY);
    assert.deepEqual(namesOf(control), ['web', 'new']);
    const client = await openEcho(t, address);
    const since = control.server('new')?.since;
    await control.putServer('new', tableOf(`127.0.0.1:${address.port}`, [a]), { isNew: false }, BY);
    await untilAnswer(address, 'a');
    await roundTrip(client);
    await control.patchServer('new', { max_connections: 5, balance: 'leastconn' }, BY);
    await roundTrip(client);
    const { maxConnections, balance, totals, since: now } = control.server('new') ?? {};
    assert.deepEqual([maxConnections, balance, totals?.active, now], [5, 'leastconn', 1, since]);
    await control.patchServer('new', { max_connections: null }, BY);
    assert.equal(control.server('new')?.maxConnections, 0);
  });

  test('one that is wrong changes nothing, and all that is wrong is told', async (t) => {
    const { control, address } = await RunningApp.start(t, ['127.0.0.1:1']);
    const put = (name: string, table: unknown) => control.putServer(name, table, { isNew: true }, BY);
    assert.deepEqual(await refusedFor(put('new', { balance: 'wieght', bind: ':x' })), [
      'servers.new.discovery TSLB_CONFIG_MISSING',
      'servers.new.bind TSLB_CONFIG_BIND',
      'servers.new.balance TSLB_CONFIG_VALUE',
    ]);
    assert.deepEqual(await refusedFor(put('new', tableOf(addressText(address), []))), [
      'servers.new.discovery.static_list TSLB_CONFIG_NO_BACKENDS',
      'servers.new.bind TSLB_CONFIG_BIND_TAKEN',
    ]);
    for (const junk of [null, undefined, 'text', 5, [], [tableOf(0, [])]])
      await assert.rejects(put('new', junk), ConfigRefused);
    for (const name of ['', 'a/b', '__proto__', 'constructor', 'a\nb']) {
      await assert.rejects(put(name, tableOf('127.0.0.1:0', ['127.0.0.1:1'])), ConfigRefused);
    }
    await assert.rejects(put('web', tableOf('127.0.0.1:0', ['127.0.0.1:1'])), { code: 'TSLB_SERVER_EXISTS' });
    await assert.rejects(put('new', tableOf('192.0.2.1:80', ['127.0.0.1:1'])), { code: 'TSLB_BIND' });
    await assert.rejects(control.patchServer('new', {}, BY), { code: 'TSLB_NO_SUCH_SERVER' });
    await assert.rejects(control.patchServer('web', { bind: null }, BY), ConfigRefused);
    await assert.rejects(control.removeServer('new', { drainMs: 0 }, BY), { code: 'TSLB_NO_SUCH_SERVER' });
    assert.deepEqual(namesOf(control), ['web']);
    assert.deepEqual(control.events.recent, []);
  });

  test('one that is removed closes at once, and is gone when its connections are', async (t) => {
    const { control, address } = await RunningApp.start(t, [listed(await startBackend(t, echo))]);
    const client = await openEcho(t, address);
    let isGone = false;
    const gone = control.removeServer('web', { drainMs: 60_000 }, BY).then(() => (isGone = true));
    await untilRefused(address);
    await roundTrip(client);
    assert.deepEqual([namesOf(control), isGone], [[], false]);
    const other = { ip: '127.0.0.1', port: await freePort() };
    const table = tableOf(`127.0.0.1:${other.port}`, [listed(await startNamed(t, 'new'))]);
    await control.putServer('web', table, { isNew: true }, BY);
    assert.equal(await answerOf(other), 'new');
    await roundTrip(client);
    await client.finish('end');
    await gone;
    assert.deepEqual(namesOf(control), ['web']);
  });

  test('one that is removed without time is cut', async (t) => {
    const { control, address } = await RunningApp.start(t, [listed(await startBackend(t, echo))]);
    const client = await openEcho(t, address);
    await control.removeServer('web', { drainMs: 0 }, BY);
    assert.equal((await client.closed()).end, 'ECONNRESET');
  });
});

describe('backends', () => {
  test('state, weight and limit by hand hold over reloads, and can be taken back', async (t) => {
    const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
    const running = await RunningApp.start(t, [listed(a, 'weight=2'), listed(b, 'priority=2')]);
    const { control, address } = running;
    const key = listed(a);
    await control.changeBackend('web', key, { state: 'draining', weight: 7, maxConnections: 9 }, BY);
    await untilAnswer(address, 'b');
    const check = (...expected: readonly unknown[]) => {
      const { state, weight, maxConnections, isStateByHand, isWeightByHand, isMaxConnectionsByHand } = backendOf(
        control,
        key,
      )!;
      assert.deepEqual(
        [state, weight, maxConnections, isStateByHand, isWeightByHand, isMaxConnectionsByHand],
        expected,
      );
    };
    check('draining', 7, 9, true, true, true);
    await running.reload([listed(a, 'weight=3 state=disabled'), listed(b, 'priority=2')], { retries: 1 });
    check('draining', 7, 9, true, true, true);
    await control.changeBackend('web', key, { weight: null }, BY);
    check('draining', 3, 9, true, false, true);
    await control.changeBackend('web', key, { state: 'enabled', maxConnections: null }, BY);
    check('enabled', 3, 0, true, false, false);
    await untilAnswer(address, 'a');
    await running.reload([listed(b)]);
    await control.changeBackend('web', key, { state: null }, BY);
    await running.reload([listed(a, 'state=draining'), listed(b)]);
    check('draining', 1, 0, false, false, false);
  });

  test('one that is added stays when the list changes, and one that is removed stays away until it is added', async (t) => {
    const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
    const running = await RunningApp.start(t, [listed(a)]);
    const { control, address } = running;
    assert.equal(await control.addBackend('web', { host: '127.0.0.1', port: b.port, priority: 2 }, BY), listed(b));
    assert.equal(backendOf(control, listed(b))?.isAdded, true);
    await control.removeBackend('web', listed(a), BY);
    await untilAnswer(address, 'b');
    await running.reload([listed(a, 'weight=4')], { retries: 1 });
    assert.equal(await answerOf(address), 'b');
    await control.addBackend('web', { host: '127.0.0.1', port: String(a.port) }, BY);
    await untilAnswer(address, 'a');
    await control.removeBackend('web', listed(b), BY);
    assert.equal(await answerOf(address), 'a');
    await control.removeBackend('web', listed(a), BY);
    await untilAnswer(address, '');
  });

  test('one that is removed and added again as the list has it follows the list again', async (t) => {
    const running = await RunningApp.start(t, ['127.0.0.1:1', '127.0.0.1:2']);
    const { control } = running;
    const key = '127.0.0.1:1';
    const again = async (spec: JsonTable) => {
      await control.removeBackend('web', key, BY);
      await control.addBackend('web', { host: '127.0.0.1', port: 1, ...spec }, BY);
      const { weight, isAdded } = backendOf(control, key)!;
      return [weight, isAdded];
    };
    assert.deepEqual(await again({}), [1, false]);
    await running.reload(['127.0.0.1:1 weight=4', '127.0.0.1:2']);
    assert.equal(backendOf(control, key)?.weight, 4);
    assert.deepEqual(await again({}), [1, true]);
    assert.deepEqual(await again({ weight: 4 }), [4, false]);
  });

  test('connections of one that is removed go on', async (t) => {
    const echoing = listed(await startBackend(t, echo));
    const { control, address } = await RunningApp.start(t, [echoing]);
    const client = await openEcho(t, address);
    await control.removeBackend('web', echoing, BY);
    await roundTrip(client);
    assert.equal(backendOf(control, echoing)?.obstacle, 'unlisted');
  });

  test('what is wrong is refused, with all its faults', async (t) => {
    const { control } = await RunningApp.start(t, ['127.0.0.1:1']);
    const add = (table: unknown) => control.addBackend('web', table, BY);
    assert.deepEqual(await refusedFor(add({ host: '300.1.1.1', port: 0, weight: -1, state: 'up' })), [
      'weight TSLB_CONFIG_RANGE',
      'state TSLB_CONFIG_VALUE',
    ]);
    assert.deepEqual(await refusedFor(add({ host: '300.1.1.1', port: 0 })), [
      'host TSLB_CONFIG_BACKEND',
      'port TSLB_CONFIG_BACKEND',
    ]);
    assert.deepEqual(await refusedFor(add(null)), ['host TSLB_CONFIG_MISSING']);
    const change = (values: object) => control.changeBackend('web', '127.0.0.1:1', values, BY);
    assert.deepEqual(await refusedFor(change({ weight: 1.5, maxConnections: -1, state: 'on' })), [
      'state TSLB_CONFIG_VALUE',
      'weight TSLB_CONFIG_TYPE',
      'max_connections TSLB_CONFIG_RANGE',
    ]);
    await assert.rejects(add({ host: '127.0.0.1', port: 1 }), { code: 'TSLB_BACKEND_EXISTS' });
    await assert.rejects(control.addBackend('wob', {}, BY), { code: 'TSLB_NO_SUCH_SERVER' });
    await assert.rejects(control.removeBackend('web', '127.0.0.1:2', BY), { code: 'TSLB_NO_SUCH_BACKEND' });
    const noSuch = { code: 'TSLB_NO_SUCH_BACKEND' };
    await assert.rejects(control.changeBackend('web', '127.0.0.1:2', { weight: 1 }, BY), noSuch);
  });
});

test('a server has no more backends than a list, so that its dump can be loaded', async (t) => {
  const list = Array.from({ length: 29_999 }, (_, index) => `127.1.${index >> 8}.${index & 255}:1 state=disabled`);
  const { control } = await RunningApp.start(t, list);
  await control.addBackend('web', { host: '127.0.0.1', port: 1, state: 'disabled' }, BY);
  const one = { host: '127.0.0.1', port: 2 };
  await assert.rejects(control.addBackend('web', one, BY), { code: 'TSLB_TOO_MANY_BACKENDS' });
  const bytes = Buffer.from(control.dump('json'));
  assert.equal((await loadConfig({ bytes, file: 'dump.json' })).config?.servers[0]?.discovery.backends.length, 30_000);
  await control.removeBackend('web', '127.1.0.0:1', BY);
  await control.addBackend('web', one, BY);
});

test('a dump is a file that says all that holds', async (t) => {
  const lines = ['127.0.0.1:1 weight=2', '127.0.0.1:2'];
  const running = await RunningApp.start(t, lines);
  const { control } = running;
  await control.putServer('new', tableOf('127.0.0.1:0', lines), { isNew: true }, BY);
  await control.changeBackend('web', '127.0.0.1:1', { state: 'draining', weight: 5 }, BY);
  await control.removeBackend('web', '127.0.0.1:2', BY);
  await control.addBackend('web', { host: '::1', port: 3 }, BY);
  for (const format of ['toml', 'json'] as const) {
    const bytes = Buffer.from(control.dump(format, { secrets: true }));
    assert.ok(
      lines.every((line) => bytes.includes(`"${line}"`)),
      'what was not changed is as it was put',
    );
    const { config } = await loadConfig({ bytes, file: `dump.${format}` });
    const listsOf = ({ name, discovery }: ServerConfig) =>
      [name, discovery.backends.map(({ target, weight, state }) => [addressText(target), weight, state])] as const;
    assert.deepEqual(
      new Map(config?.servers.map(listsOf)),
      new Map([
        [
          'web',
          [
            ['127.0.0.1:1', 5, 'draining'],
            ['[::1]:3', 1, undefined],
          ],
        ],
        [
          'new',
          [
            ['127.0.0.1:1', 2, undefined],
            ['127.0.0.1:2', 1, undefined],
          ],
        ],
      ]),
    );
  }
  const { discovery } = control.serverConfig('web') ?? {};
  assert.deepEqual((discovery as JsonTable)['static_list'], lines, 'as it was put');
});

describe('a reload', () => {
  test('applies changes by hand again, and says which servers are not as the file says', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    const { control } = running;
    await control.patchServer('web', { max_connections: 5 }, BY);
    await control.putServer('new', tableOf('127.0.0.1:0', [a]), { isNew: true }, BY);
    const result = await running.reload([a], { max_connections: 7 });
    assert.deepEqual(
      { ...result, warnings: result.warnings.length },
      {
        added: [],
        changed: [],
        removed: [],
        unchanged: ['web', 'new'],
        warnings: 1,
      },
    );
    assert.match(result.warnings[0] ?? '', /\bweb\b/);
    assert.deepEqual(
      control.servers().map(({ name, maxConnections }) => [name, maxConnections]),
      [
        ['web', 5],
        ['new', 0],
      ],
    );
    const [warning] = await running.logged('servers are not as the file says');
    assert.deepEqual(warning?.['servers'], ['web']);
    // The file says the same now, and from then on it counts.
    assert.deepEqual((await running.reload([a], { max_connections: 5 })).warnings, []);
    assert.deepEqual((await running.reload([a], { max_connections: 7 })).changed, ['web']);
  });

  test('says which servers left the file and go on, once, and not of those that it never had', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    const { control } = running;
    await control.patchServer('web', { max_connections: 5 }, BY);
    await control.putServer('new', tableOf('127.0.0.1:0', [a]), { isNew: true }, BY);
    const other = serverToml('other', [a], { bind: '127.0.0.2:0' });
    const { warnings } = await running.reloadToml(other);
    assert.deepEqual([warnings.length, namesOf(control).toSorted()], [1, ['new', 'other', 'web']]);
    assert.match(warnings[0] ?? '', /\bweb left the file and goes on\b/);
    const [line] = await running.logged('servers that left the file go on');
    assert.deepEqual(line?.['servers'], ['web']);
    assert.deepEqual((await running.reloadToml(other)).warnings, []);
    await control.removeServer('web', { drainMs: 0 }, BY);
    assert.deepEqual(namesOf(control).toSorted(), ['new', 'other']);
  });

  test('that does not go with what was changed by hand changes nothing', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    const { control } = running;
    const bind = `127.0.0.1:${await freePort()}`;
    await control.putServer('new', tableOf(bind, [a]), { isNew: true }, BY);
    const web = serverToml('web', [a]);
    const faults = await refusedFor(running.reloadToml(web + serverToml('third', [a], { bind })));
    assert.deepEqual(faults, ['servers.new.bind TSLB_CONFIG_BIND_TAKEN']);
    assert.deepEqual(namesOf(control), ['web', 'new']);
    assert.match(
      (await refusedFor(running.reloadToml('[servers.web]\n'))).join(),
      /servers\.web\.bind TSLB_CONFIG_MISSING/,
    );
    await assert.rejects(control.removeServer('third', { drainMs: 0 }, BY), { code: 'TSLB_NO_SUCH_SERVER' });
  });

  test('of a file without servers takes none away, also where there are others by hand', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    const { control } = running;
    await control.putServer('new', tableOf('127.0.0.1:0', [a]), { isNew: true }, BY);
    await assert.rejects(running.reloadToml(''), { code: 'TSLB_NO_SERVERS' });
    assert.deepEqual(namesOf(control), ['web', 'new']);
    await control.removeServer('web', { drainMs: 0 }, BY);
    assert.deepEqual((await running.reloadToml('')).unchanged, ['new']);
  });

  test('of a file whose only server was removed by hand may take away the others', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    const web = serverToml('web', [a]);
    await running.reloadToml(web + serverToml('other', [a], { bind: '127.0.0.2:0' }));
    await running.control.removeServer('web', { drainMs: 0 }, BY);
    assert.deepEqual((await running.reloadToml(web)).removed, ['other']);
  });

  test('a removed server stays away, also the last one', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    await running.control.removeServer('web', { drainMs: 0 }, BY);
    await running.reload([a], { retries: 1 });
    assert.deepEqual(namesOf(running.control), []);
  });
});

test('who has changed what is in the log and told to those who look on, and no more than that', async (t) => {
  const running = await RunningApp.start(t, ['127.0.0.1:1']);
  const { control } = running;
  await control.changeBackend('web', '127.0.0.1:1', { state: 'draining', weight: null }, BY);
  const [line] = await running.logged('backend changed by hand');
  const { time, level, name, msg, ...fields } = line ?? {};
  assert.deepEqual([typeof time, level, name, msg], ['string', 'info', 'audit', 'backend changed by hand']);
  assert.deepEqual(fields, { by: BY, server: 'web', backend: '127.0.0.1:1', state: 'draining', weight: null });
  const change = control.events.recent.at(-1);
  assert.ok(change?.type === 'changed');
  assert.deepEqual([change.by, change.what], ['ann at 192.0.2.7:4711', 'state=draining weight=list web/127.0.0.1:1']);
  await control.putServer('new', tableOf('127.0.0.1:0', ['127.0.0.1:1']), { isNew: true }, { via: 'page' });
  assert.deepEqual((await running.logged('server put by hand'))[0]?.['by'], { via: 'page' });
  const whats = control.events.recent.flatMap((event) => (event.type === 'changed' ? event.what : event.type));
  assert.deepEqual(whats.slice(-2), ['reloaded', 'added new']);
});

test('changes asked for at once are made one after the other, and all of them', async (t) => {
  const { control } = await RunningApp.start(t, ['127.0.0.1:1']);
  const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
  const put = (name: string) => control.putServer(name, tableOf('127.0.0.1:0', ['127.0.0.1:1']), { isNew: true }, BY);
  const outcomes = await Promise.allSettled(names.map(put));
  // One bind may stand there once, so that only the first of them comes to be.
  assert.deepEqual(outcomes.map(({ status }) => status).filter((status) => status === 'fulfilled').length, 1);
  const weights = names.map((_, weight) => control.changeBackend('web', '127.0.0.1:1', { weight }, BY));
  await Promise.all(weights);
  assert.equal(backendOf(control, '127.0.0.1:1')?.weight, 9);
});

test('after the stop has begun nothing is changed any more', async (t) => {
  const running = await RunningApp.start(t, ['127.0.0.1:1']);
  const stopped = running.stop();
  const stopping = { code: 'TSLB_STOPPING' };
  await assert.rejects(running.control.changeBackend('web', '127.0.0.1:1', { weight: 1 }, BY), stopping);
  await assert.rejects(running.reload(['127.0.0.1:1']), stopping);
  await stopped;
});
