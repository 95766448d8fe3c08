import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serverToml } from '../../../test/helpers/processes/cli.ts';
import { RunningApp } from '../../../test/helpers/rigs/running-app.ts';
import { freePort, listed, startNamed } from '../../../test/helpers/sockets/traffic.ts';
import { BY, namesOf, refusedFor, tableOf } from '../../../test/helpers/texts/changes.ts';

describe('a reload', () => {
  test('applies changes at runtime again, and says which servers differ from the file', async (t) => {
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

  test('that does not go with the changes at runtime changes nothing', async (t) => {
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

  test('of a file without servers takes none away, also where others were added at runtime', async (t) => {
    const a = listed(await startNamed(t, 'a'));
    const running = await RunningApp.start(t, [a]);
    const { control } = running;
    await control.steering.servers.put('new', tableOf('127.0.0.1:0', [a]), { isNew: true }, BY);
    await assert.rejects(running.reloadToml(''), { code: 'TSLB_NO_SERVERS' });
    assert.deepEqual(namesOf(control), ['web', 'new']);
    await control.steering.servers.remove('web', { drainMs: 0 }, BY);
    assert.deepEqual((await running.reloadToml('')).unchanged, ['new']);
  });

  test('of a file whose only server was removed at runtime may take away the others', async (t) => {
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
