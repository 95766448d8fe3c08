import assert from 'node:assert/strict';
import { test } from 'node:test';

import { request } from 'undici';

import { RunningApp } from '../helpers/rigs/running-app.ts';

const PROFILER = '[profiler]\nenabled = true\nbind = "127.0.0.1:0"\n';

for (const engine of ['auto', 'net']) {
  test(`a data-plane thread of engine ${engine} without traffic is profiled, and goes on`, async (t) => {
    const running = await RunningApp.start(t, ['127.0.0.1:9'], { engine }, PROFILER);
    const [thread] = running.control.reading.threads();
    const { statusCode, body } = await request(
      `http://${running.service('profiler')}/snapshot?thread=${thread?.number}`,
    );
    assert.equal(statusCode, 200);
    assert.ok('snapshot' in ((await body.json()) as object));
    assert.equal((await running.control.reading.connections({ sort: 'age', limit: 1 })).total, 0);
  });
}

test('a profiler that is switched off opens nothing', async (t) => {
  const running = await RunningApp.start(t, ['127.0.0.1:9'], {}, '[profiler]\nenabled = false\nbind = ":6060"\n');
  assert.equal(running.service('profiler'), undefined);
});
