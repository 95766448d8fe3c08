import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { launchTslb, serverToml, startTslb, temporaryFolder, untilFile } from '../helpers/processes/cli.ts';
import { answerOf, freePort, listed, startNamed, untilAnswer } from '../helpers/sockets/traffic.ts';

const CLEAN = { code: 0, signal: null };
const NOBODY = serverToml('web', ['127.0.0.1:1'], { retries: 0 });

function logging(keys: Record<string, string>): string {
  return ['[logging]', ...Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}`), ''].join(
    '\n',
  );
}

test("text lines have gobetween's form", async (t) => {
  const running = await startTslb(t, NOBODY, { env: { TZ: 'UTC' } });
  await answerOf(running.at('web'));
  await running.logged(/backend connect failed/);
  assert.deepEqual(await running.stop(), CLEAN);
  for (const line of running.lines) {
    assert.match(line, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[(INFO |WARNI)\] \([\w/.]+\): \S/);
  }
  assert.ok(running.has(/\[WARNI\] \(server\): backend connect failed server=web backend=127\.0\.0\.1:1 /));
});

test('JSON lines are JSON', async (t) => {
  const ready = /"msg":"started"/;
  const running = await startTslb(t, logging({ format: 'json' }) + NOBODY, { ready });
  assert.deepEqual(await running.stop(), CLEAN);
  const lines = running.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines) {
    assert.equal(line['level'], 'info');
    assert.ok(!Number.isNaN(Date.parse(String(line['time']))));
    assert.equal(typeof line['name'], 'string');
  }
  const listening = lines.find((line) => line['msg'] === 'listening');
  assert.deepEqual([listening?.['server'], listening?.['bind']], ['web', '127.0.0.1:0']);
});

test('the level says how much is logged, and a reload changes it', async (t) => {
  const running = await startTslb(t, logging({ level: 'DEBUG' }) + NOBODY);
  await answerOf(running.at('web'));
  await running.logged(/\[DEBUG\] \(server\): connection ended .*cause=SC/);

  const address = { ip: '127.0.0.1', port: await freePort() };
  const more = serverToml('more', [listed(await startNamed(t, 'A'))], { bind: `127.0.0.1:${address.port}` });
  writeFileSync(running.configFile, logging({ level: 'error' }) + NOBODY + more);
  running.signal('SIGHUP');
  await untilAnswer(address, 'A');
  const before = running.lines.length;
  await running.reload('x', /\[ERROR\] .*not reloaded/);
  await answerOf(running.at('web'));
  await running.reload(logging({ level: 'info' }) + NOBODY);
  assert.deepEqual(await running.stop(), CLEAN);
  assert.doesNotMatch(running.lines.slice(before).join('\n'), /DEBUG|WARNI/);
  assert.ok(running.has(/\[INFO \] .*: stopped$/));
});

test('the log goes to stdout or stderr', async (t) => {
  for (const output of ['stdout', 'stderr'] as const) {
    const running = await startTslb(t, logging({ output }) + NOBODY);
    let said = '';
    running.child[output]?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    assert.deepEqual(await running.stop(), CLEAN);
    assert.match(said, /: stopped\n$/, output);
  }
});

test('the log goes to a file, which is appended to, and nothing goes to the terminal', async (t) => {
  const output = join(temporaryFolder(t), 'tslb.log');
  for (let n = 1; n <= 2; n++) {
    const running = launchTslb(t, logging({ output }) + NOBODY);
    await untilFile(output, (text) => text.split(': started ').length > n);
    assert.deepEqual(await running.stop(), CLEAN);
    assert.deepEqual(running.lines, []);
    assert.equal(readFileSync(output, 'utf8').split(': stopped\n').length, n + 1);
  }
});

test('SIGUSR1 opens the log files again after logrotate moved them, and no debugger', async (t) => {
  const folder = temporaryFolder(t);
  const [output, access] = [join(folder, 'tslb.log'), join(folder, 'access.log')];
  const address = { ip: '127.0.0.1', port: await freePort() };
  const keys = { bind: `127.0.0.1:${address.port}` };
  const config = serverToml('web', [listed(await startNamed(t, 'A'))], keys);
  const running = launchTslb(t, logging({ output, access_log: access }) + config);
  await untilFile(output, (text) => text.includes(': started '));
  assert.equal(await answerOf(address), 'A');
  await untilFile(access, (text) => text.includes('\n'));

  for (const file of [output, access]) renameSync(file, `${file}.1`);
  running.signal('SIGUSR1');
  await untilFile(output, (text) => text.includes('log files reopened'));
  assert.equal(await answerOf(address), 'A');
  await untilFile(access, (text) => text.includes('\n'));
  assert.deepEqual(await running.stop(), CLEAN);
  for (const file of [access, `${access}.1`]) assert.equal(readFileSync(file, 'utf8').split('\n').length, 2, file);
  assert.doesNotMatch(readFileSync(`${output}.1`, 'utf8'), /stopping/);
  assert.match(readFileSync(output, 'utf8'), /: stopped\n$/);
  assert.deepEqual(running.lines, []);
});
