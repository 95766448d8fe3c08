import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { launchTslb, serverToml, startTslb, temporaryFolder } from '../helpers/processes/cli.ts';

const CONFIG = serverToml('web', ['127.0.0.1:1']);

for (const args of [
  ['start', '-c', 'FILE', '--pidfile'],
  ['-c', 'FILE', '-p'],
]) {
  test(`${args.join(' ')} writes the pid file and removes it at the end`, async (t) => {
    const pidFile = join(temporaryFolder(t), 'tslb.pid');
    const running = await startTslb(t, CONFIG, { args: [...args, pidFile] });
    assert.equal(readFileSync(pidFile, 'utf8'), `${running.pid}\n`);
    await running.reload(CONFIG);
    assert.equal(readFileSync(pidFile, 'utf8'), `${running.pid}\n`);
    assert.deepEqual(await running.stop(), { code: 0, signal: null });
    assert.equal(existsSync(pidFile), false);
  });
}

test('the pid file of a running balancer keeps another from starting', async (t) => {
  const pidFile = join(temporaryFolder(t), 'tslb.pid');
  const args = ['start', '-c', 'FILE', '-p', pidFile];
  const running = await startTslb(t, CONFIG, { args });
  const second = launchTslb(t, CONFIG, { args });
  await second.logged(new RegExp(`cannot start: tslb is already running as process ${running.pid}`));
  assert.deepEqual(await second.ended, { code: 1, signal: null });
  assert.equal(readFileSync(pidFile, 'utf8'), `${running.pid}\n`);
  assert.deepEqual(await running.stop(), { code: 0, signal: null });
});

test('the pid file of one that was killed is replaced', async (t) => {
  const pidFile = join(temporaryFolder(t), 'tslb.pid');
  const args = ['start', '-c', 'FILE', '-p', pidFile];
  const first = await startTslb(t, CONFIG, { args });
  await first.stop('SIGKILL');
  assert.equal(readFileSync(pidFile, 'utf8'), `${first.pid}\n`);
  const second = await startTslb(t, CONFIG, { args });
  assert.equal(readFileSync(pidFile, 'utf8'), `${second.pid}\n`);
  assert.deepEqual(await second.stop(), { code: 0, signal: null });
});

test('foreign data is not taken for a pid file', async (t) => {
  const pidFile = join(temporaryFolder(t), 'data');
  writeFileSync(pidFile, 'mine');
  const running = launchTslb(t, CONFIG, { args: ['start', '-c', 'FILE', '-p', pidFile] });
  assert.deepEqual(await running.ended, { code: 1, signal: null });
  assert.equal(readFileSync(pidFile, 'utf8'), 'mine');
});
