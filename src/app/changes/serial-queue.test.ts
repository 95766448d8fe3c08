import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RunningApp } from '../../../test/helpers/rigs/running-app.ts';
import { backendOf, BY, tableOf } from '../../../test/helpers/texts/changes.ts';

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
