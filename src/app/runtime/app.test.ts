import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { RunningApp } from '../../../test/helpers/rigs/running-app.ts';
import { startBackend, banner } from '../../../test/helpers/sockets/backends.ts';
import { connectTo } from '../../../test/helpers/sockets/peer.ts';
import { answerOf, freePort, listed, startNamed, untilAnswer } from '../../../test/helpers/sockets/traffic.ts';
import { NO_OVERRIDES } from '../../core/backend-overrides.ts';
import type { BackendState } from '../../core/backend.ts';
import type { App } from './app.ts';

function setState(app: App, backend: string, state: BackendState | undefined): void {
  const changed = new Map(state === undefined ? [] : [[backend, { state }]]);
  app.server('web').applyOverrides({ ...NO_OVERRIDES, changed });
}

describe('states that are overridden', () => {
  test('one that drains keeps its connections, one that is disabled loses them where on_down is close', async (t) => {
    const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
    const keys = { on_down: 'close', max_fails: 1 };
    const running = await RunningApp.start(t, [listed(a), listed(b, 'priority=2')], keys);
    const { app, address } = running;
    const client = connectTo(t, address);
    await client.received(1);
    setState(app, listed(a), 'draining');
    await untilAnswer(address, 'b');
    assert.equal(client.hasEnded, false);
    setState(app, listed(a), 'disabled');
    await client.closed();
    assert.equal(await answerOf(address), 'b');
    setState(app, listed(a), undefined);
    await untilAnswer(address, 'a');
    const states = (await running.logged('backend state changed')).map(({ state, by }) => [state, by]);
    assert.deepEqual(states, [
      ['draining', 'override'],
      ['disabled', 'override'],
      ['enabled', 'list'],
    ]);
  });

  test('they win over the file, also over another one', async (t) => {
    const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
    const running = await RunningApp.start(t, [listed(a, 'state=disabled'), listed(b, 'priority=2')]);
    const { app, address } = running;
    assert.equal(await answerOf(address), 'b');
    setState(app, listed(a), 'enabled');
    await untilAnswer(address, 'a');
    await running.reload([listed(a, 'state=draining'), listed(b, 'priority=2')], { retries: 1 });
    assert.equal(await answerOf(address), 'a');
    const rows = app
      .server('web')
      .backends()
      .map(({ key, state, isStateOverridden }) => [key, state, isStateOverridden]);
    assert.deepEqual(
      rows,
      [
        [listed(a), 'enabled', true],
        [listed(b), 'enabled', false],
      ].sort(),
    );
  });

  test('of what is not there are errors', async (t) => {
    const { app } = await RunningApp.start(t, ['127.0.0.1:1']);
    assert.throws(() => app.server('wob'), { code: 'TSLB_NO_SUCH_SERVER' });
  });
});

test('a backend that refuses is ejected, tried when its time is over, and back when it serves', async (t) => {
  const [gone, b] = [await startNamed(t, 'gone'), await startNamed(t, 'b')];
  const dead = listed(gone);
  await gone.close();
  const lines = [`${dead} max_fails=1 fail_timeout=100ms`, listed(b, 'priority=2')];
  const running = await RunningApp.start(t, lines);
  const { app, address } = running;
  assert.equal(await answerOf(address), 'b');
  const [ejected] = await running.logged('backend ejected');
  assert.deepEqual(
    [ejected?.['backend'], ejected?.['reason'], ejected?.['failTimeoutMs']],
    [dead, 'ECONNREFUSED', 100],
  );
  assert.equal(
    app
      .server('web')
      .backends()
      .find(({ key }) => key === dead)?.obstacle,
    'ejected',
  );
  await running.logged('backend probing');
  await startBackend(t, banner('a'), { at: gone.address });
  await untilAnswer(address, 'a');
  assert.equal((await running.logged('backend restored')).length, 1);
  assert.equal((await running.logged('backend ejected')).filter(({ level }) => level === 'warning').length, 1);
});

test('what clients of a new server find out counts, also while the reload that brings it still goes on', async (t) => {
  const [gone, b] = [await startNamed(t, 'gone'), await startNamed(t, 'b')];
  await gone.close();
  const running = await RunningApp.start(t, [listed(b)], { engine: 'net' });
  const address = { ip: '127.0.0.1', port: await freePort() };
  const lines = [`${listed(gone)} max_fails=1 fail_timeout=100ms`, listed(b, 'priority=2')];
  // Its clients are there as soon as it listens, and the bind of the other takes a while to close.
  const reloaded = running.replace('new', lines, { bind: `127.0.0.1:${address.port}` });
  await Promise.all([reloaded, untilAnswer(address, 'b')]);
  await running.logged('backend probing');
});

describe('checks', () => {
  const CHECK = { 'healthcheck.kind': 'ping', 'healthcheck.interval': '20ms', 'healthcheck.timeout': '1s' };

  test('a backend that stops listening gets no clients before it listens again', async (t) => {
    const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
    const running = await RunningApp.start(t, [listed(a), listed(b, 'priority=2')], { retries: 0, ...CHECK });
    const { app, address } = running;
    assert.equal(await answerOf(address), 'a');
    await a.close();
    const [down] = await running.logged('backend down');
    assert.deepEqual([down?.['backend'], typeof down?.['reason']], [listed(a), 'string']);
    await untilAnswer(address, 'b');
    assert.equal(
      app
        .server('web')
        .backends()
        .find(({ key }) => key === listed(a))?.obstacle,
      'down',
    );
    await startBackend(t, banner('again'), { at: a.address });
    await running.logged('backend up');
    await untilAnswer(address, 'again');
  });

  test('a reload without them takes all for live, one with them goes on', async (t) => {
    const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
    const lines = [listed(a), listed(b, 'priority=2')];
    const running = await RunningApp.start(t, lines, CHECK);
    await a.close();
    await running.logged('backend down');
    await running.reload(lines, { retries: 1 });
    const status = () =>
      running.app
        .server('web')
        .backends()
        .find(({ key }) => key === listed(a));
    assert.deepEqual([status()?.obstacle, status()?.health?.isLive], ['down', false]);
    await running.reload(lines, { 'healthcheck.kind': 'none' });
    assert.equal(status()?.obstacle, undefined);
  });
});
