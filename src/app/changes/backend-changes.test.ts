import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { RunningApp } from '../../../test/helpers/rigs/running-app.ts';
import { echo, startBackend } from '../../../test/helpers/sockets/backends.ts';
import {
  answerOf,
  listed,
  openEcho,
  roundTrip,
  startNamed,
  untilAnswer,
} from '../../../test/helpers/sockets/traffic.ts';
import { backendOf, BY, refusedFor } from '../../../test/helpers/texts/changes.ts';
import { staticList } from '../../../test/helpers/texts/static-list.ts';
import type { JsonTable } from '../../core/json.ts';
import { loadConfig } from '../config/load.ts';

describe('backends', () => {
  test('overrides of state, weight and limit hold over reloads, and can be cleared', async (t) => {
    const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
    const running = await RunningApp.start(t, [listed(a, 'weight=2'), listed(b, 'priority=2')]);
    const { control, address } = running;
    const key = listed(a);
    await control.steering.backends.change('web', key, { state: 'draining', weight: 7, maxConnections: 9 }, BY);
    await untilAnswer(address, 'b');
    const check = (...expected: readonly unknown[]) => {
      const { state, weight, maxConnections, isStateOverridden, isWeightOverridden, isMaxConnectionsOverridden } =
        backendOf(control, key)!;
      assert.deepEqual(
        [state, weight, maxConnections, isStateOverridden, isWeightOverridden, isMaxConnectionsOverridden],
        expected,
      );
    };
    check('draining', 7, 9, true, true, true);
    await running.reload([listed(a, 'weight=3 state=disabled'), listed(b, 'priority=2')], { retries: 1 });
    check('draining', 7, 9, true, true, true);
    await control.steering.backends.change('web', key, { weight: null }, BY);
    check('draining', 3, 9, true, false, true);
    await control.steering.backends.change('web', key, { state: 'enabled', maxConnections: null }, BY);
    check('enabled', 3, 0, true, false, false);
    await untilAnswer(address, 'a');
    await running.reload([listed(b)]);
    await control.steering.backends.change('web', key, { state: null }, BY);
    await running.reload([listed(a, 'state=draining'), listed(b)]);
    check('draining', 1, 0, false, false, false);
  });

  test('one that is added stays when the list changes, and one that is removed stays away until it is added', async (t) => {
    const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
    const running = await RunningApp.start(t, [listed(a)]);
    const { control, address } = running;
    assert.equal(
      await control.steering.backends.add('web', { host: '127.0.0.1', port: b.port, priority: 2 }, BY),
      listed(b),
    );
    assert.equal(backendOf(control, listed(b))?.isDynamic, true);
    await control.steering.backends.remove('web', listed(a), BY);
    await untilAnswer(address, 'b');
    await running.reload([listed(a, 'weight=4')], { retries: 1 });
    assert.equal(await answerOf(address), 'b');
    await control.steering.backends.add('web', { host: '127.0.0.1', port: String(a.port) }, BY);
    await untilAnswer(address, 'a');
    await control.steering.backends.remove('web', listed(b), BY);
    assert.equal(await answerOf(address), 'a');
    await control.steering.backends.remove('web', listed(a), BY);
    await untilAnswer(address, '');
  });

  test('one that is removed and added again as the list has it follows the list again', async (t) => {
    const running = await RunningApp.start(t, ['127.0.0.1:1', '127.0.0.1:2']);
    const { control } = running;
    const key = '127.0.0.1:1';
    const again = async (spec: JsonTable) => {
      await control.steering.backends.remove('web', key, BY);
      await control.steering.backends.add('web', { host: '127.0.0.1', port: 1, ...spec }, BY);
      const { weight, isDynamic } = backendOf(control, key)!;
      return [weight, isDynamic];
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
    await control.steering.backends.remove('web', echoing, BY);
    await roundTrip(client);
    assert.equal(backendOf(control, echoing)?.obstacle, 'removed');
  });

  test('what is wrong is refused, with all its faults', async (t) => {
    const { control } = await RunningApp.start(t, ['127.0.0.1:1']);
    const add = (table: unknown) => control.steering.backends.add('web', table, BY);
    assert.deepEqual(await refusedFor(add({ host: '300.1.1.1', port: 0, weight: -1, state: 'up' })), [
      'weight TSLB_CONFIG_RANGE',
      'state TSLB_CONFIG_VALUE',
    ]);
    assert.deepEqual(await refusedFor(add({ host: '300.1.1.1', port: 0 })), [
      'host TSLB_CONFIG_BACKEND',
      'port TSLB_CONFIG_BACKEND',
    ]);
    assert.deepEqual(await refusedFor(add(null)), ['host TSLB_CONFIG_MISSING']);
    const change = (values: object) => control.steering.backends.change('web', '127.0.0.1:1', values, BY);
    assert.deepEqual(await refusedFor(change({ weight: 1.5, maxConnections: -1, state: 'on' })), [
      'state TSLB_CONFIG_VALUE',
      'weight TSLB_CONFIG_TYPE',
      'max_connections TSLB_CONFIG_RANGE',
    ]);
    await assert.rejects(add({ host: '127.0.0.1', port: 1 }), { code: 'TSLB_BACKEND_EXISTS' });
    await assert.rejects(control.steering.backends.add('wob', {}, BY), { code: 'TSLB_NO_SUCH_SERVER' });
    await assert.rejects(control.steering.backends.remove('web', '127.0.0.1:2', BY), { code: 'TSLB_NO_SUCH_BACKEND' });
    const noSuch = { code: 'TSLB_NO_SUCH_BACKEND' };
    await assert.rejects(control.steering.backends.change('web', '127.0.0.1:2', { weight: 1 }, BY), noSuch);
  });
});

test('a server has no more backends than a list, so that its dump can be loaded', async (t) => {
  const list = Array.from({ length: 29_999 }, (_, index) => `127.1.${index >> 8}.${index & 255}:1 state=disabled`);
  const { control } = await RunningApp.start(t, list);
  await control.steering.backends.add('web', { host: '127.0.0.1', port: 1, state: 'disabled' }, BY);
  const one = { host: '127.0.0.1', port: 2 };
  await assert.rejects(control.steering.backends.add('web', one, BY), { code: 'TSLB_TOO_MANY_BACKENDS' });
  const bytes = Buffer.from(control.reading.dump('json'));
  assert.equal(
    staticList((await loadConfig({ bytes, file: 'dump.json' })).config?.servers[0]?.discovery).length,
    30_000,
  );
  await control.steering.backends.remove('web', '127.1.0.0:1', BY);
  await control.steering.backends.add('web', one, BY);
});
