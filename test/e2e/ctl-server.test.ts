import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { launchTslb, serverToml, temporaryFile } from '../helpers/processes/cli.ts';
import { startSteered } from '../helpers/processes/ctl.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { answerOf, listed, openEcho, startNamed } from '../helpers/sockets/traffic.ts';

const NOBODY = serverToml('web', ['127.0.0.1:1']);

describe('a server', () => {
  test('is added, replaced, changed and removed', async (t) => {
    const [one, two] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
    const { running, said, ctl, json } = await startSteered(t, NOBODY);
    const file = temporaryFile(t, 'new.toml', serverToml('new', [listed(one)], { bind: '127.0.0.2:0' }));

    assert.match(await said('add-server', 'new', file), /^new listens at 127\.0\.0\.2:\d+\n$/);
    await running.logged(/listening server=new/);
    const address = running.at('new');
    assert.equal(await answerOf(address), 'A');

    const refused = await ctl('add-server', 'new', file);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /TSLB_SERVER_EXISTS/);

    writeFileSync(file, serverToml('new', [listed(two)], { bind: '127.0.0.2:0' }));
    assert.match(await said('add-server', 'new', file, '--replace'), /^new listens at/);
    assert.equal(await answerOf(address), 'B');

    const patch = temporaryFile(t, 'patch.json', '{"max_connections": 7}');
    assert.match(await said('change-server', 'new', patch), /^new is changed; it listens at/);
    const { server } = (await json('change-server', 'new', patch)) as { server: { max_connections: number } };
    assert.equal(server.max_connections, 7);

    assert.equal(await said('remove-server', 'new'), 'new is removed\n');
    assert.equal(await answerOf(address), 'ECONNREFUSED');
  });

  test('with connections is removed after a yes, or drained', async (t) => {
    const backend = await startBackend(t, echo);
    const { running, ctl, said } = await startSteered(
      t,
      serverToml('web', [listed(backend)]) + serverToml('other', ['127.0.0.1:1'], { bind: '127.0.0.2:0' }),
    );
    const peer = await openEcho(t, running.at('web'));
    const unasked = await ctl('remove-server', 'web');
    assert.equal(unasked.code, 64);
    assert.match(unasked.stderr, /cuts the 1 connection of web; --drain lets them finish.*--yes/);
    const removed = said('remove-server', 'web', '--drain', '40s');
    await running.logged(/server removed at runtime/);
    peer.socket.end();
    assert.equal(await removed, 'web is removed\n');
    assert.equal((await peer.closed()).end, 'FIN');
  });

  test('drains on after its client has left', async (t) => {
    const backend = await startBackend(t, echo);
    const { running, api } = await startSteered(t, serverToml('web', [listed(backend)]));
    const peer = await openEcho(t, running.at('web'));
    const args = ['ctl', 'remove-server', 'web', '--drain', '40s'];
    const waiting = launchTslb(t, '', { args, env: { TSLB_API: api } });
    await running.logged(/server removed at runtime/);
    assert.deepEqual(await waiting.stop('SIGINT'), { code: null, signal: 'SIGINT' });
    await peer.send('still there');
    peer.socket.end();
    assert.equal((await peer.closed()).end, 'FIN');
    await running.logged(/drained server=web/);
  });

  test('with a table that is wrong changes nothing, and all that is wrong is said', async (t) => {
    const { ctl } = await startSteered(t, NOBODY);
    const file = temporaryFile(t, 'bad.toml', 'bind = "nowhere:port"\nbalence = "weight"\n');
    const { code, stdout, stderr } = await ctl('add-server', 'bad', file);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^tslb: .* \[TSLB_CONFIG_REFUSED\]\n/);
    assert.match(stderr, /^ {2}.*bind: /m);
    assert.match(stderr, /balance/);
    const unknown = await ctl('backends', 'nobody');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /^tslb: there is no server nobody \[TSLB_NO_SUCH_SERVER\]\n$/);
  });
});
