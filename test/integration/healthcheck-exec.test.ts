import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { temporaryFolder, untilFile } from '../helpers/processes/cli.ts';
import { isRunning, script, untilGone } from '../helpers/processes/scripts.ts';
import { checkBy } from '../helpers/rigs/checking.ts';

const TARGET = { host: 'web.internal', port: 8080 };

function exec(command: string | readonly string[], keys: Record<string, unknown> = {}) {
  return checkBy({
    kind: 'exec',
    exec_command: command,
    exec_expected_positive_output: '1',
    exec_expected_negative_output: '0',
    ...keys,
  });
}

describe('a check by a program', () => {
  test('compares what it prints byte for byte', async (t) => {
    const by = (text: string) => exec(script(t, text))(TARGET);
    assert.equal(await by('printf 1'), 'passed');
    assert.equal(await by('printf 0'), 'the program printed "0"');
    assert.equal(await by('echo 1'), '? the program printed "1\\n", which is not an expected output');
    assert.equal(await by(':'), '? the program printed "", which is not an expected output');
    assert.equal(await by('printf 1 >&2'), '? the program printed "", which is not an expected output');
  });

  test('fails with any exit code but 0, whatever was printed', async (t) => {
    assert.equal(await exec(script(t, 'printf 1; exit 3'))(TARGET), 'the program exited with code 3');
    assert.equal(await exec(script(t, 'printf 1; kill -TERM $$'))(TARGET), 'the program was ended by SIGTERM');
  });

  test('gives host and port as the last two arguments', async (t) => {
    const path = script(t, 'printf "%s|" "$@"');
    const by = (command: string | string[], expected: string, keys = {}) =>
      exec(command, { exec_expected_positive_output: expected, ...keys });
    assert.equal(await by(path, 'web.internal|8080|')(TARGET), 'passed');
    assert.equal(await by([path, '--a b', '$HOME'], '--a b|$HOME|web.internal|8080|')(TARGET), 'passed');
    assert.equal(await by(path, 'web.internal|81|', { port: 81 })(TARGET), 'passed');
    assert.equal(await by(path, '::1|80|')({ host: '::1', port: 80 }), 'passed');
    assert.equal(await by(path, 'unix:/run/x.sock||')({ path: '/run/x.sock' }), 'passed');
  });

  test('does not take a text apart', async (t) => {
    assert.equal(await exec(`${script(t, 'printf 1')} --quick`)(TARGET), 'no such program');
  });

  test('says why a program cannot be started', async (t) => {
    const path = script(t, 'printf 1');
    chmodSync(path, 0o644);
    assert.equal(await exec('/nowhere/check.sh')(TARGET), 'no such program');
    assert.equal(await exec(path)(TARGET), 'the program may not be run');
  });

  test('ends one that prints without end', async (t) => {
    const check = exec(script(t, 'while :; do echo 1111111111111111111111111111; done'));
    assert.equal(await check(TARGET), '? the program printed more than 65536 bytes');
  });

  test('kills one that hangs with all that it has started', async (t) => {
    const folder = temporaryFolder(t);
    const path = script(t, `sleep 1000 & echo "$! $$." > ${folder}/pids; wait`);
    const late = new AbortController();
    const checked = exec(path)(TARGET, late.signal);
    const text = await untilFile(join(folder, 'pids'), (pids) => pids.includes('.'));
    const [child = 0, parent = 0] = text.split(/[ .]/).map(Number);
    assert.deepEqual([isRunning(child), isRunning(parent)], [true, true]);
    late.abort();
    assert.equal(await checked, 'the program still runs');
    await Promise.all([untilGone(child), untilGone(parent)]);
  });

  test('leaves nothing behind when the program has ended, and does not wait for what holds its output', async (t) => {
    const folder = temporaryFolder(t);
    const path = script(t, `sleep 1000 & echo "$!." > ${folder}/pid; printf 1`);
    assert.equal(await exec(path)(TARGET), 'passed');
    await untilGone(Number.parseInt(readFileSync(join(folder, 'pid'), 'utf8')));
  });

  test('does not wait for a process that has left the group and holds the output', async (t) => {
    const folder = temporaryFolder(t);
    const path = script(
      t,
      `setsid sh -c 'echo "$$." > ${folder}/pid; exec sleep 1000' & while [ ! -s ${folder}/pid ]; do :; done; printf 1`,
    );
    const late = new AbortController();
    const checked = exec(path)(TARGET, late.signal);
    const pid = Number.parseInt(await untilFile(join(folder, 'pid'), (text) => text.includes('.')));
    t.after(() => process.kill(pid, 'SIGKILL'));
    late.abort();
    assert.equal(await checked, 'the program still runs');
  });
});
