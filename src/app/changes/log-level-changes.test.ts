import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RunningApp } from '../../../test/helpers/rigs/running-app.ts';

const BY = { via: 'api' } as const;

test('the log level changes until the next reload', async (t) => {
  const running = await RunningApp.start(t, ['127.0.0.1:1']);
  const { control } = running;
  assert.equal(control.reading.logLevel, 'debug');
  control.steering.logLevel.set('warn', BY);
  assert.equal(control.reading.logLevel, 'warn');
  assert.throws(() => control.steering.logLevel.set('loud', BY), { code: 'TSLB_LOG_LEVEL' });
  assert.equal(control.reading.logLevel, 'warn');
  await running.reload(['127.0.0.1:1']);
  assert.equal(control.reading.logLevel, 'debug');
});
