import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serverToml } from '../helpers/processes/cli.ts';
import { startSteered } from '../helpers/processes/ctl.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { answerOf, listed, openEcho, startNamed } from '../helpers/sockets/traffic.ts';

const NOBODY = serverToml('web', ['127.0.0.1:1']);

describe('a backend', () => {
  test('is drained, disabled, enabled, and its override cleared', async (t) => {
    const [one, two] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
    const { running, said, json } = await startSteered(t, serverToml('web', [listed(one), listed(two)]));
    const [a, b] = [listed(one), listed(two)];

    assert.equal(await said('drain', 'web', a), `web/${a} is draining, weight 1, no limit, 0 connections\n`);
    for (let count = 0; count < 3; count++) assert.equal(await answerOf(running.at('web')), 'B');
    assert.match(await said('backends', 'web'), /draining\*[^]*\* runtime override; "tslb ctl auto" clears it\n$/);

    assert.match(await said('disable', 'web', b), /is disabled/);
    assert.match(await said('enable', 'web', a), /is unchecked/);
    for (let count = 0; count < 3; count++) assert.equal(await answerOf(running.at('web')), 'A');
    const { backend } = (await json('auto', 'web', b)) as { backend: Record<string, unknown> };
    assert.deepEqual([backend['state'], backend['state_override']], ['enabled', false]);
  });

  for (const [where, defaults, keys] of [
    ['its server', '', { on_down: 'close' }],
    ['[defaults]', '[defaults]\non_down = "close"\n', {}],
  ] as const) {
    test(`with on_down = "close" in ${where} is disabled after a yes, for that cuts its connections`, async (t) => {
      const backend = await startBackend(t, echo);
      const { running, ctl, said } = await startSteered(t, defaults + serverToml('web', [listed(backend)], keys));
      const peer = await openEcho(t, running.at('web'));
      const unasked = await ctl('disable', 'web', listed(backend));
      assert.equal(unasked.code, 64);
      assert.match(unasked.stderr, /^tslb: This cuts the 1 connection of web\/.*--yes/);
      assert.match(await said('disable', 'web', listed(backend), '--yes'), /is disabled/);
      assert.equal((await peer.closed()).end, 'ECONNRESET');
    });
  }

  test('that has left the list: its override is cleared', async (t) => {
    const { running, section, said, ctl } = await startSteered(t, serverToml('web', ['127.0.0.1:1', '127.0.0.1:2']));
    await said('weight', 'web', '127.0.0.1:2', '7');
    await running.reload(section + NOBODY);
    while ((await said('backends', 'web')).includes('127.0.0.1:2'));
    assert.match(
      await said('auto', 'web', '127.0.0.1:2'),
      /^web\/127\.0\.0\.1:2 is changed, but it is not on the list now\n$/,
    );
    assert.match((await ctl('auto', 'web', '127.0.0.1:2')).stderr, /TSLB_NO_SUCH_BACKEND/);
  });

  test('gets another weight and limit', async (t) => {
    const { said } = await startSteered(t, NOBODY);
    assert.match(await said('weight', 'web', '127.0.0.1:1', '7'), /weight 7, no limit/);
    assert.match(await said('limit', 'web', '127.0.0.1:1', '50'), /weight 7, limit 50/);
    assert.match(await said('weight', 'web', '127.0.0.1:1', 'auto'), /weight 1, limit 50/);
  });

  test('is added and taken away', async (t) => {
    const [one, two] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
    const { running, said, ctl } = await startSteered(t, serverToml('web', [listed(one)]));
    const added = await said('add-backend', 'web', listed(two), '--weight', '2', '--priority', '0');
    assert.match(added, /^added: web\/127\.0\.0\.1:\d+ is unchecked, weight 2,/);
    for (let count = 0; count < 3; count++) assert.equal(await answerOf(running.at('web')), 'B');
    const again = await ctl('add-backend', 'web', listed(two));
    assert.equal(again.code, 1);
    assert.match(again.stderr, /TSLB_BACKEND_EXISTS/);
    assert.match(await said('remove-backend', 'web', listed(two)), /gets no more clients/);
    for (let count = 0; count < 3; count++) assert.equal(await answerOf(running.at('web')), 'A');
  });

  test('is added with names of TLS and a PROXY header', async (t) => {
    const { said } = await startSteered(t, serverToml('web', ['127.0.0.1:1']));
    const names = ['--sni', 'www.example.org', '--sni', '', '--alpn', 'h2,http/1.1', '--send-proxy', 'v2'];
    const { backend } = JSON.parse(await said('add-backend', 'web', '127.0.0.1:2', ...names, '--json')) as {
      readonly backend: Readonly<Record<string, unknown>>;
    };
    assert.deepEqual(
      [backend['sni'], backend['alpn'], backend['send_proxy']],
      [['www.example.org', ''], ['h2', 'http/1.1'], 'v2'],
    );
  });

  test('is waited for while it drains', async (t) => {
    const backend = await startBackend(t, echo);
    const { running, said, ctl } = await startSteered(t, serverToml('web', [listed(backend)]));
    const peer = await openEcho(t, running.at('web'));
    const late = await ctl('drain', 'web', listed(backend), '--wait', '--timeout', '200ms');
    assert.equal(late.code, 1);
    assert.match(late.stderr, /still has 1 connection after \S+( ms)?; it goes on draining\n$/);

    const waited = said('drain', 'web', listed(backend), '--wait');
    await running.logged(/backend override changed/);
    await running.logged(/backend override changed/);
    peer.socket.end();
    assert.match(await waited, /is draining, .*\n.* has no more connections\n$/);
  });

  test('that leaves the list while it is waited for has drained when it is gone', async (t) => {
    const backend = await startBackend(t, echo);
    const { running, said } = await startSteered(t, NOBODY);
    await said('add-backend', 'web', listed(backend), '--priority', '0');
    const peer = await openEcho(t, running.at('web'));
    const waited = said('drain', 'web', listed(backend), '--wait');
    await running.logged(/backend override changed/);
    await said('remove-backend', 'web', listed(backend));
    peer.socket.end();
    assert.match(await waited, /is draining, .*\n.* has no more connections\n$/);
  });
});
