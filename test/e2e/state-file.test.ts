import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { serverToml, startTslb, temporaryFile, temporaryFolder, tslb } from '../helpers/processes/cli.ts';
import { answerOf, listed, startNamed } from '../helpers/sockets/traffic.ts';

const CLEAN = { code: 0, signal: null };

function apiToml(stateFile: string): string {
  return `[api]\nenabled = true\nbind = "unix:${stateFile}.sock"\nstate_file = ${JSON.stringify(stateFile)}\n`;
}

test('what was kept holds over the file, which a reload does not change', async (t) => {
  const [a, b] = [listed(await startNamed(t, 'A')), listed(await startNamed(t, 'B'))];
  const stateFile = join(temporaryFolder(t), 'state.json');
  const added = { host: '127.0.0.1', port: Number(b.split(':')[1]) };
  const state = {
    version: 1,
    servers: { web: { backends: { added: [added], removed: [a] } }, old: { removed: true } },
  };
  writeFileSync(stateFile, JSON.stringify(state));
  const config = (retries: number) =>
    apiToml(stateFile) + serverToml('web', [a], { retries }) + serverToml('old', [a], { bind: '127.0.0.2:0' });
  const running = await startTslb(t, config(1));
  assert.equal(await answerOf(running.at('web')), 'B');
  await running.logged(/\[WARNI\] .*: servers differ from the file servers=\S*old/);
  assert.ok(!running.has(/listening server=old/));
  await running.reload(config(2));
  assert.equal(await answerOf(running.at('web')), 'B');
  assert.deepEqual(await running.stop(), CLEAN);
  assert.deepEqual(JSON.parse(readFileSync(stateFile, 'utf8')), state);
});

test('one that is wrong: 64, with the place of each error; one that cannot be read: 1, naming file and key', async (t) => {
  const stateFile = temporaryFile(t, 'state.json', '{"version": 1,\n"servers": {"web": {"table": {"bind": "x:y"}}}}');
  const config = temporaryFile(t, 'tslb.toml', apiToml(stateFile) + serverToml('web', ['127.0.0.1:1']));
  const { code, stderr } = await tslb(['start', '-c', config]);
  assert.equal(code, 64);
  assert.match(stderr, /state\.json:2:\d+: error: servers\.web\.table\.bind: /);
  assert.match(stderr, /state\.json:2:\d+: error: servers\.web\.table\.discovery: /);
  const folder = temporaryFile(t, 'tslb.toml', apiToml('/no/such/state.json'));
  const unread = await tslb(['start', '-c', folder]);
  assert.deepEqual([unread.code, unread.stdout], [1, '']);
  assert.match(unread.stderr, /^tslb: api\.state_file: cannot use \/no\/such\/state\.json: /);
});
