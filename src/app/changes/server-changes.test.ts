import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { RunningApp } from '../../../test/helpers/rigs/running-app.ts';
import { echo, startBackend } from '../../../test/helpers/sockets/backends.ts';
import {
  answerOf,
  freePort,
  listed,
  openEcho,
  roundTrip,
  startNamed,
  untilAnswer,
  untilRefused,
} from '../../../test/helpers/sockets/traffic.ts';
import { BY, namesOf, refusedFor, tableOf } from '../../../test/helpers/texts/changes.ts';
import { ConfigRefused } from '../../config/problem/refused.ts';
import { addressText } from '../../core/address.ts';

describe('servers', () => {
  test('one that is put is there at once, and one that is changed keeps its connections', async (t) => {
    const [echoing, a] = [listed(await startBackend(t, echo)), listed(await startNamed(t, 'a'))];
    const { control } = await RunningApp.start(t, [a]);
    const address = { ip: '127.0.0.1', port: await freePort() };
    await control.steering.servers.put('new', tableOf(`127.0.0.1:${address.port}`, [echoing]), { isNew: true }, BY);
    assert.deepEqual(namesOf(control), ['web', 'new']);
    const client = await openEcho(t, address);
    const since = control.reading.server('new')?.since;
    await control.steering.servers.put('new', tableOf(`127.0.0.1:${address.port}`, [a]), { isNew: false }, BY);
    await untilAnswer(address, 'a');
    await roundTrip(client);
    await control.steering.servers.patch('new', { max_connections: 5, balance: 'leastconn' }, BY);
    await roundTrip(client);
    const { maxConnections, balance, totals, since: now } = control.reading.server('new') ?? {};
    assert.deepEqual([maxConnections, balance, totals?.active, now], [5, 'leastconn', 1, since]);
    await control.steering.servers.patch('new', { max_connections: null }, BY);
    assert.equal(control.reading.server('new')?.maxConnections, 0);
  });

  test('one that is wrong changes nothing, and all that is wrong is told', async (t) => {
    const { control, address } = await RunningApp.start(t, ['127.0.0.1:1']);
    const put = (name: string, table: unknown) => control.steering.servers.put(name, table, { isNew: true }, BY);
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
    await assert.rejects(control.steering.servers.patch('new', {}, BY), { code: 'TSLB_NO_SUCH_SERVER' });
    await assert.rejects(control.steering.servers.patch('web', { bind: null }, BY), ConfigRefused);
    await assert.rejects(control.steering.servers.remove('new', { drainMs: 0 }, BY), { code: 'TSLB_NO_SUCH_SERVER' });
    assert.deepEqual(namesOf(control), ['web']);
    assert.deepEqual(control.reading.events.recent, []);
  });

  test('one that is removed closes at once, and is gone when its connections are', async (t) => {
    const { control, address } = await RunningApp.start(t, [listed(await startBackend(t, echo))]);
    const client = await openEcho(t, address);
    let isGone = false;
    const gone = control.steering.servers.remove('web', { drainMs: 60_000 }, BY).then(() => (isGone = true));
    await untilRefused(address);
    await roundTrip(client);
    assert.deepEqual([namesOf(control), isGone], [[], false]);
    const other = { ip: '127.0.0.1', port: await freePort() };
    const table = tableOf(`127.0.0.1:${other.port}`, [listed(await startNamed(t, 'new'))]);
    await control.steering.servers.put('web', table, { isNew: true }, BY);
    assert.equal(await answerOf(other), 'new');
    await roundTrip(client);
    await client.finish('end');
    await gone;
    assert.deepEqual(namesOf(control), ['web']);
  });

  test('one that is removed without time is cut', async (t) => {
    const { control, address } = await RunningApp.start(t, [listed(await startBackend(t, echo))]);
    const client = await openEcho(t, address);
    await control.steering.servers.remove('web', { drainMs: 0 }, BY);
    assert.equal((await client.closed()).end, 'ECONNRESET');
  });
});
