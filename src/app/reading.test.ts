import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { RunningApp } from '../../test/helpers/rigs/running-app.ts';
import { connectTo } from '../../test/helpers/sockets/peer.ts';
import { answerOf, listed, startNamed } from '../../test/helpers/sockets/traffic.ts';
import { addressText } from '../core/address.ts';

describe('what can be seen', () => {
  test('a server as it is configured and where it listens, with what it has counted', async (t) => {
    const a = await startNamed(t, 'a');
    const before = Date.now();
    const keys = { bind: ['127.0.0.1:0', '[::1]:0'], max_connections: 7, queue_size: 3, balance: 'roundrobin' };
    const { control } = await RunningApp.start(t, [listed(a)], keys);
    const [server] = control.reading.servers();
    assert.ok(server !== undefined);
    const { totals, since, addresses, ...rest } = server;
    assert.deepEqual(rest, {
      name: 'web',
      protocol: 'tcp',
      balance: 'roundrobin',
      engine: control.reading.about.engine,
      binds: ['127.0.0.1:0', '[::1]:0'],
      maxConnections: 7,
      queueSize: 3,
    });
    assert.ok(since >= before && since <= Date.now());
    const ports = addresses.map((address) => Number(/^(?:127\.0\.0\.1|\[::1\]):(\d+)$/.exec(address)?.[1]));
    assert.ok(ports.every((port) => port > 0));
    assert.equal(await answerOf({ ip: '127.0.0.1', port: ports[0] ?? 0 }), 'a');
    assert.equal(await answerOf({ ip: '::1', port: ports[1] ?? 0 }), 'a');
    assert.equal(totals.active, 0);
    assert.equal(control.reading.server('web')?.totals.accepted, 2);
    assert.equal(control.reading.server('wob'), undefined);
  });

  test('its backends in byte order, with the parts of their keys', async (t) => {
    const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
    const lines = [listed(a, 'weight=3 max_connections=9'), listed(b, 'priority=2 state=draining'), 'unix:/nowhere'];
    const { control, address } = await RunningApp.start(t, lines);
    const client = connectTo(t, address);
    await client.received(1);
    const rows = new Map(control.reading.backends('web').map((row) => [row.key, row]));
    assert.deepEqual([...rows.keys()], [...rows.keys()].sort());
    const { host, port, state, obstacle, active, weight, maxConnections, totals } = rows.get(listed(a)) ?? {};
    assert.deepEqual([host, port, state, obstacle], ['127.0.0.1', String(a.port), 'enabled', undefined]);
    assert.deepEqual([active, weight, maxConnections, totals?.total], [1, 3, 9, 1]);
    assert.equal(rows.get(listed(b))?.obstacle, 'draining');
    assert.deepEqual([rows.get('unix:/nowhere')?.host, rows.get('unix:/nowhere')?.port], ['/nowhere', '']);
    assert.throws(() => control.reading.backends('wob'), { code: 'TSLB_NO_SUCH_SERVER' });
  });

  test('events tell what befalls the backends', async (t) => {
    const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
    const check = { 'healthcheck.kind': 'ping', 'healthcheck.interval': '20ms', 'healthcheck.timeout': '1s' };
    const { control } = await RunningApp.start(t, [listed(a), listed(b)], check);
    const down = new Promise((resolve) => control.reading.events.subscribe(resolve));
    const before = control.reading.backends('web').find(({ key }) => key === listed(a));
    await a.close();
    const event = (await down) as (typeof control.reading.events.recent)[number];
    assert.ok(event.type === 'backend');
    assert.deepEqual([event.server, event.backend, event.what], ['web', addressText(a.address), 'down']);
    assert.deepEqual(control.reading.events.recent.at(-1), event);
    const after = control.reading.backends('web').find(({ key }) => key === listed(a));
    assert.deepEqual([before?.downs, after?.downs, after?.obstacle], [0, 1, 'down']);
    assert.ok((after?.changedAt ?? 0) >= (before?.changedAt ?? Infinity));
  });

  test('the process', async (t) => {
    const { control } = await RunningApp.start(t, ['127.0.0.1:1']);
    assert.deepEqual([control.reading.about.version, control.reading.about.pid], ['0.0.0', process.pid]);
    assert.ok(control.reading.about.startedAt <= Date.now());
  });
});
