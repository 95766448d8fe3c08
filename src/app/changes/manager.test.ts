import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serverToml } from '../../../test/helpers/processes/cli.ts';
import { RunningApp } from '../../../test/helpers/rigs/running-app.ts';
import { freePort, listed, startNamed } from '../../../test/helpers/sockets/traffic.ts';
import { backendOf, BY, namesOf, refusedFor, tableOf } from '../../../test/helpers/texts/changes.ts';
import { staticList } from '../../../test/helpers/texts/static-list.ts';
import { addressText } from '../../core/address.ts';
import type { JsonTable } from '../../core/json.ts';
import type { ServerConfig } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';

test('a dump is a file that says all that holds', async (t) => {
  const lines = ['127.0.0.1:1 weight=2', '127.0.0.1:2'];
  const running = await RunningApp.start(t, lines);
  const { control } = running;
  await control.steering.servers.put('new', tableOf('127.0.0.1:0', lines), { isNew: true }, BY);
  await control.steering.backends.change('web', '127.0.0.1:1', { state: 'draining', weight: 5 }, BY);
  await control.steering.backends.remove('web', '127.0.0.1:2', BY);
  await control.steering.backends.add('web', { host: '::1', port: 3 }, BY);
  for (const format of ['toml', 'json'] as const) {
    const bytes = Buffer.from(control.reading.dump(format, { secrets: true }));
    assert.ok(
      lines.every((line) => bytes.includes(`"${line}"`)),
      'what was not changed is as it was put',
    );
    const { config } = await loadConfig({ bytes, file: `dump.${format}` });
    const listsOf = ({ name, discovery }: ServerConfig) =>
      [name, staticList(discovery).map(({ target, weight, state }) => [addressText(target), weight, state])] as const;
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
  const { discovery } = control.reading.serverConfig('web') ?? {};
  assert.deepEqual((discovery as JsonTable)['static_list'], lines, 'as it was put');
});

describe('a reload', () => {
  test('applies changes by hand again, and says which servers differ from the file', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    const { control } = running;
    await control.steering.servers.patch('web', { max_connections: 5 }, BY);
    await control.steering.servers.put('new', tableOf('127.0.0.1:0', [a]), { isNew: true }, BY);
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
      control.reading.servers().map(({ name, maxConnections }) => [name, maxConnections]),
      [
        ['web', 5],
        ['new', 0],
      ],
    );
    const [warning] = await running.logged('servers differ from the file');
    assert.deepEqual(warning?.['servers'], ['web']);
    // The file says the same now, and from then on it counts.
    assert.deepEqual((await running.reload([a], { max_connections: 5 })).warnings, []);
    assert.deepEqual((await running.reload([a], { max_connections: 7 })).changed, ['web']);
  });

  test('says which servers left the file and keep running, once, and not of those that it never had', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    const { control } = running;
    await control.steering.servers.patch('web', { max_connections: 5 }, BY);
    await control.steering.servers.put('new', tableOf('127.0.0.1:0', [a]), { isNew: true }, BY);
    const other = serverToml('other', [a], { bind: '127.0.0.2:0' });
    const { warnings } = await running.reloadToml(other);
    assert.deepEqual([warnings.length, namesOf(control).toSorted()], [1, ['new', 'other', 'web']]);
    assert.match(warnings[0] ?? '', /\bweb left the file and keeps running\b/);
    const [line] = await running.logged('servers that left the file keep running');
    assert.deepEqual(line?.['servers'], ['web']);
    assert.deepEqual((await running.reloadToml(other)).warnings, []);
    await control.steering.servers.remove('web', { drainMs: 0 }, BY);
    assert.deepEqual(namesOf(control).toSorted(), ['new', 'other']);
  });

  test('that does not go with what was changed by hand changes nothing', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    const { control } = running;
    const bind = `127.0.0.1:${await freePort()}`;
    await control.steering.servers.put('new', tableOf(bind, [a]), { isNew: true }, BY);
    const web = serverToml('web', [a]);
    const faults = await refusedFor(running.reloadToml(web + serverToml('third', [a], { bind })));
    assert.deepEqual(faults, ['servers.new.bind TSLB_CONFIG_BIND_TAKEN']);
    assert.deepEqual(namesOf(control), ['web', 'new']);
    assert.match(
      (await refusedFor(running.reloadToml('[servers.web]\n'))).join(),
      /servers\.web\.bind TSLB_CONFIG_MISSING/,
    );
    await assert.rejects(control.steering.servers.remove('third', { drainMs: 0 }, BY), { code: 'TSLB_NO_SUCH_SERVER' });
  });

  test('of a file without servers takes none away, also where there are others by hand', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    const { control } = running;
    await control.steering.servers.put('new', tableOf('127.0.0.1:0', [a]), { isNew: true }, BY);
    await assert.rejects(running.reloadToml(''), { code: 'TSLB_NO_SERVERS' });
    assert.deepEqual(namesOf(control), ['web', 'new']);
    await control.steering.servers.remove('web', { drainMs: 0 }, BY);
    assert.deepEqual((await running.reloadToml('')).unchanged, ['new']);
  });

  test('of a file whose only server was removed by hand may take away the others', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    const web = serverToml('web', [a]);
    await running.reloadToml(web + serverToml('other', [a], { bind: '127.0.0.2:0' }));
    await running.control.steering.servers.remove('web', { drainMs: 0 }, BY);
    assert.deepEqual((await running.reloadToml(web)).removed, ['other']);
  });

  test('a removed server stays away, also the last one', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    await running.control.steering.servers.remove('web', { drainMs: 0 }, BY);
    await running.reload([a], { retries: 1 });
    assert.deepEqual(namesOf(running.control), []);
  });
});

test('what was changed of backends that only their source lists stands in a dump, and is read as it was meant', async (t) => {
  const [found, other] = ['127.0.0.1:1 weight=2', '127.0.0.1:2'];
  const overrides = { removed: ['127.0.0.9:1'] };
  const source = { kind: 'exec', exec_command: ['printf', '%s\\n', found, other], overrides };
  const { control } = await RunningApp.start(t, [found]);
  const { backends, servers } = control.steering;
  await servers.put('printed', { bind: '127.0.0.1:0', discovery: source }, { isNew: true }, BY);
  await backends.change('printed', '127.0.0.1:1', { state: 'draining', weight: 5 }, BY);
  await backends.remove('printed', '127.0.0.1:2', BY);
  await backends.add('printed', { host: '::1', port: 3 }, BY);
  for (const format of ['toml', 'json'] as const) {
    const bytes = Buffer.from(control.reading.dump(format, { secrets: true }));
    const { config } = await loadConfig({ bytes, file: `dump.${format}` });
    const read = config?.servers.find(({ name }) => name === 'printed')?.discovery.overrides;
    assert.deepEqual([...(read?.added.keys() ?? [])], ['[::1]:3']);
    assert.deepEqual([...(read?.removed ?? [])], ['127.0.0.9:1', '127.0.0.1:2']);
    assert.deepEqual(read?.changed, new Map([['127.0.0.1:1', { state: 'draining', weight: 5 }]]));
  }
});

test('who has changed what is in the log and told to those who look on, and no more than that', async (t) => {
  const running = await RunningApp.start(t, ['127.0.0.1:1']);
  const { control } = running;
  await control.steering.backends.change('web', '127.0.0.1:1', { state: 'draining', weight: null }, BY);
  const [line] = await running.logged('backend override changed');
  const { time, level, name, msg, ...fields } = line ?? {};
  assert.deepEqual([typeof time, level, name, msg], ['string', 'info', 'audit', 'backend override changed']);
  assert.deepEqual(fields, { by: BY, server: 'web', backend: '127.0.0.1:1', state: 'draining', weight: null });
  const change = control.reading.events.recent.at(-1);
  assert.ok(change?.type === 'changed');
  assert.deepEqual([change.by, change.what], ['ann at 192.0.2.7:4711', 'state=draining weight=list web/127.0.0.1:1']);
  await control.steering.servers.put('new', tableOf('127.0.0.1:0', ['127.0.0.1:1']), { isNew: true }, { via: 'page' });
  assert.deepEqual((await running.logged('server put at runtime'))[0]?.['by'], { via: 'page' });
  const whats = control.reading.events.recent.flatMap((event) => (event.type === 'changed' ? event.what : event.type));
  assert.deepEqual(whats.slice(-2), ['reloaded', 'added new']);
});

test('changes asked for at once are made one after the other, and all of them', async (t) => {
  const { control } = await RunningApp.start(t, ['127.0.0.1:1']);
  const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
  const put = (name: string) =>
    control.steering.servers.put(name, tableOf('127.0.0.1:0', ['127.0.0.1:1']), { isNew: true }, BY);
  const outcomes = await Promise.allSettled(names.map(put));
  // One bind may stand there once, so that only the first of them comes to be.
  assert.deepEqual(outcomes.map(({ status }) => status).filter((status) => status === 'fulfilled').length, 1);
  const weights = names.map((_, weight) => control.steering.backends.change('web', '127.0.0.1:1', { weight }, BY));
  await Promise.all(weights);
  assert.equal(backendOf(control, '127.0.0.1:1')?.weight, 9);
});

test('after the stop has begun nothing is changed any more', async (t) => {
  const running = await RunningApp.start(t, ['127.0.0.1:1']);
  const stopped = running.stop();
  const stopping = { code: 'TSLB_STOPPING' };
  await assert.rejects(running.control.steering.backends.change('web', '127.0.0.1:1', { weight: 1 }, BY), stopping);
  await assert.rejects(running.reload(['127.0.0.1:1']), stopping);
  await stopped;
});
