import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';

import { launchTslb, serverToml, type Tslb } from '../helpers/processes/cli.ts';
import { startSteered, tableRowsOf } from '../helpers/processes/ctl.ts';
import { answerOf, listed, startNamed } from '../helpers/sockets/traffic.ts';

const NOBODY = serverToml('web', ['127.0.0.1:1']);

describe('the process', () => {
  test('reloads, and says what came of it', async (t) => {
    const { running, section, said, ctl } = await startSteered(t, NOBODY);
    assert.equal(await said('reload'), 'unchanged  web\n');
    writeFileSync(
      running.configFile,
      section + serverToml('web', ['127.0.0.1:2']) + serverToml('new', ['127.0.0.1:1'], { bind: '127.0.0.2:0' }),
    );
    assert.equal(await said('reload'), 'added      new\nchanged    web\n');
    writeFileSync(running.configFile, 'servers = 7\n');
    const { code, stderr } = await ctl('reload');
    assert.equal(code, 1);
    assert.match(stderr, /\[TSLB_CONFIG_REFUSED\]\n {2}servers: /);
  });

  test('logs more, and counts from 0 again', async (t) => {
    const backend = await startNamed(t, 'A');
    const { running, said, ctl, json } = await startSteered(t, serverToml('web', [listed(backend)]));
    assert.equal(await said('log-level'), 'info\n');
    assert.equal(await said('log-level', 'debug'), 'debug\n');
    assert.deepEqual(await json('log-level'), { level: 'debug' });
    assert.equal((await ctl('log-level', 'loud')).code, 1);
    await answerOf(running.at('web'));
    assert.equal(await said('reset', 'web'), 'counters of web begin at 0 again\n');
    const [row] = tableRowsOf(await said('servers'));
    assert.equal(row?.['TOTAL'], '0');
    assert.equal(await said('reset'), 'counters of all servers begin at 0 again\n');
  });
});

test('events are followed, a line each, until a signal', async (t) => {
  const { running, api, said } = await startSteered(t, NOBODY);
  await said('drain', 'web', '127.0.0.1:1');
  const people = follow(t, api, 'events');
  const scripts = follow(t, api, 'events', '--json');
  const line = await people.logged(/drain/);
  assert.match(line, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S/);
  await scripts.logged(/"type":"changed"/);
  await said('reset', 'web');
  await people.logged(/web: counters were reset$/);
  const { type, server } = JSON.parse(await scripts.logged(/"reset"/)) as Record<string, string>;
  assert.deepEqual([type, server], ['reset', 'web']);
  assert.deepEqual(await people.stop('SIGINT'), { code: 0, signal: null });
  await running.stop();
  await scripts.logged(/trying again$/);
  assert.deepEqual(await scripts.stop('SIGTERM'), { code: 0, signal: null });
});

test('events end when their reader has gone', async (t) => {
  const { api, said } = await startSteered(t, NOBODY);
  await said('drain', 'web', '127.0.0.1:1');
  const through = ['bash', '-c', '"$@" | head -n 1; echo "code ${PIPESTATUS[0]}"', 'bash'];
  const reader = launchTslb(t, '', { args: ['ctl', 'events'], env: { TSLB_API: api }, through });
  await reader.logged(/^\d{4}-/);
  await said('reset');
  await said('reset');
  await reader.logged(/^code 0$/);
});

function follow(t: TestContext, api: string, ...args: readonly string[]): Tslb {
  return launchTslb(t, '', { args: ['ctl', ...args], env: { TSLB_API: api } });
}
