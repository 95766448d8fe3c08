import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';

import { type Tslb, serverToml, startTslb, temporaryFile } from '../helpers/processes/cli.ts';
import { listed, startNamed, untilAnswer } from '../helpers/sockets/traffic.ts';

const ARGS = ['start', '-c', 'FILE', '--watch', '--drain-timeout', '1s'];

async function startWatching(t: TestContext): Promise<{ running: Tslb; a: string; b: string }> {
  const [one, other] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
  const [a, b] = [listed(one), listed(other)];
  const running = await startTslb(t, serverToml('web', [a]), { args: ARGS });
  return { running, a, b };
}

test('a file that is written anew is reloaded', async (t) => {
  const { running, a, b } = await startWatching(t);
  writeFileSync(running.configFile, serverToml('web', [b]));
  await running.logged(/: reloaded .*changed=\S*web/);
  await untilAnswer(running.at('web'), 'B');
  writeFileSync(running.configFile, serverToml('web', [a]));
  await running.logged(/: reloaded .*changed=\S*web/);
  await untilAnswer(running.at('web'), 'A');
  assert.deepEqual(await running.stop(), { code: 0, signal: null });
});

test('a file that is replaced by another is reloaded, again and again', async (t) => {
  const { running, a, b } = await startWatching(t);
  for (const [backend, answer] of [
    [b, 'B'],
    [a, 'A'],
    [b, 'B'],
  ] as const) {
    renameSync(temporaryFile(t, 'new.toml', serverToml('web', [backend])), running.configFile);
    await running.logged(/: reloaded .*changed=\S*web/);
    await untilAnswer(running.at('web'), answer);
  }
});

test('a file with errors changes nothing, and the next good one is taken', async (t) => {
  const { running, b } = await startWatching(t);
  writeFileSync(running.configFile, '[servers');
  await running.logged(/not reloaded: the file has errors/);
  await untilAnswer(running.at('web'), 'A');
  writeFileSync(running.configFile, serverToml('web', [b]));
  await running.logged(/: reloaded .*changed=\S*web/);
  await untilAnswer(running.at('web'), 'B');
});
