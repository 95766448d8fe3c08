import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RunningApp } from '../../../test/helpers/rigs/running-app.ts';
import { BY, tableOf } from '../../../test/helpers/texts/changes.ts';

test('a change is logged and told as an event with its actor, and nothing else is', async (t) => {
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
