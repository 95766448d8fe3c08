import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';

import { serverToml } from '../helpers/processes/cli.ts';
import { startSteered, tableRowsOf } from '../helpers/processes/ctl.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { listed, openEcho } from '../helpers/sockets/traffic.ts';
import { helloFor } from '../helpers/texts/hellos.ts';

const NOBODY = serverToml('web', ['127.0.0.1:1']);

describe('what is seen', () => {
  test('servers and backends, with what they carry', async (t) => {
    const backend = await startBackend(t, echo);
    const toml = serverToml('web', [listed(backend, 'weight=3 max_connections=2500')], { max_connections: 9000 });
    const { running, said, json } = await startSteered(t, toml);
    await openEcho(t, running.at('web'));

    const [server] = tableRowsOf(await said('servers'));
    const { ip, port } = running.at('web');
    assert.deepEqual(
      [server?.['SERVER'], server?.['LISTENS AT'], server?.['BACKENDS'], server?.['ACTIVE'], server?.['LIMIT']],
      ['web', `${ip}:${port}`, '1/1 up', '1', '9,000'],
    );
    const [row] = tableRowsOf(await said('backends', 'web'));
    assert.deepEqual(
      [row?.['BACKEND'], row?.['STATUS'], row?.['WEIGHT'], row?.['ACTIVE'], row?.['LIMIT'], row?.['TOTAL']],
      [listed(backend), 'unchecked', '3', '1', '2,500', '1'],
    );
    assert.deepEqual(tableRowsOf(await said('backends')).length, 1);

    const { servers } = (await json('servers')) as { servers: readonly Record<string, unknown>[] };
    assert.deepEqual([servers[0]?.['name'], servers[0]?.['active']], ['web', 1]);
    const { backends } = (await json('backends', 'web')) as { backends: readonly Record<string, unknown>[] };
    assert.deepEqual([backends[0]?.['key'], backends[0]?.['active']], [listed(backend), 1]);
  });

  test('the process, its configuration and its history', async (t) => {
    const { running, said, json } = await startSteered(t, NOBODY);
    const info = await said('info');
    assert.match(info, new RegExp(`^process +${running.pid}, for `, 'm'));
    assert.match(info, /^THREAD +ENGINE +CONNECTIONS +ACCEPTED$/m);
    assert.equal(((await json('info')) as { pid: number }).pid, running.pid);

    const config = JSON.parse(await said('config', 'web')) as Record<string, unknown>;
    assert.equal(config['bind'], '127.0.0.1:0');
    assert.match(await said('dump'), /^ *\[servers\.web\]$/m);
    const dumped = JSON.parse(await said('dump', '--format', 'json')) as { servers: object };
    assert.deepEqual(Object.keys(dumped.servers), ['web']);

    assert.match(await said('history', 'web'), /no history yet|^active/m);
    const { step_ms } = (await json('history', 'web')) as { step_ms: number };
    assert.ok(step_ms > 0);
  });

  test('connections by the name of TLS that their clients told', async (t) => {
    const backend = await startBackend(t, echo);
    const toml = `${serverToml('web', [listed(backend, 'sni=a.test')])}\n[servers.web.sni]\n`;
    const { running, said } = await startSteered(t, toml);
    const { ip, port } = running.at('web');
    const client = connect(port, ip);
    t.after(() => client.destroy());
    client.write(helloFor('a.test'));
    await once(client, 'data');
    const [row] = tableRowsOf(await said('connections'));
    assert.deepEqual([row?.['BACKEND'], row?.['TLS NAME']], [listed(backend), 'a.test']);
  });

  test('connections, which can be cut one by one and together', async (t) => {
    const backend = await startBackend(t, echo);
    const { running, ctl, said, json } = await startSteered(t, serverToml('web', [listed(backend)]));
    assert.equal(await said('connections'), 'there are no connections\n');
    const peers = [];
    for (let count = 0; count < 3; count++) peers.push(await openEcho(t, running.at('web')));

    const rows = tableRowsOf(await said('connections', '--server', 'web', '--backend', listed(backend)));
    assert.equal(rows.length, 3);
    const [first] = rows;
    assert.deepEqual([first?.['SERVER'], first?.['BACKEND'], first?.['STAGE']], ['web', listed(backend), 'connected']);
    assert.match(await said('connections', '--limit', '2'), /^2 of 3; --limit shows more$/m);
    const { total } = (await json('connections', '--client', '127.0.0.9')) as { total: number };
    assert.equal(total, 0);

    const client = peers[1]?.socket.localPort;
    const [row] = tableRowsOf(await said('connections', '--client', `127.0.0.1:${client}`));
    const id = row?.['ID'] ?? '';
    const unasked = await ctl('kill', id);
    assert.deepEqual([unasked.code, unasked.stdout], [64, '']);
    assert.match(unasked.stderr, /^tslb: This cuts the connection .*--yes/);
    assert.equal(await said('kill', id, '--yes'), '1 connection cut\n');
    assert.equal((await peers[1]?.closed())?.end, 'ECONNRESET');
    const again = await ctl('kill', id, '--yes', '--json');
    assert.equal(again.code, 1);
    assert.equal((JSON.parse(again.stdout) as { error: { code: string } }).error.code, 'TSLB_NO_SUCH_CONNECTION');

    assert.equal(await said('kill', '--server', 'web', '--backend', listed(backend), '--yes'), '2 connections cut\n');
    for (const peer of [peers[0], peers[2]]) assert.equal((await peer?.closed())?.end, 'ECONNRESET');
    assert.deepEqual(await json('kill', '--all'), { killed: 0 });
  });
});
