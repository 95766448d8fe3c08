import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';

import { temporaryFolder, untilFile } from '../helpers/processes/cli.ts';
import { script, untilGone } from '../helpers/processes/scripts.ts';
import { discoverBy } from '../helpers/rigs/discovering.ts';

function exec(command: string | readonly string[]) {
  return discoverBy({ kind: 'exec', exec_command: command });
}

describe('backends that a program prints', () => {
  const by = (t: TestContext, text: string) => exec(script(t, text))();

  test('stand one on each line, with options in any order', async (t) => {
    const found = await by(
      t,
      String.raw`printf 'a:1\r\n\n  [::1]:2 priority=3 weight=5 \nunix:/run/x.sock\na:1 weight=9'`,
    );
    assert.deepEqual(found, { backends: ['a:1 9', '[::1]:2 5', 'unix:/run/x.sock 1'], skipped: [] });
  });

  test('are used although other lines cannot be read, which are told with their numbers', async (t) => {
    const found = await by(t, String.raw`printf 'nonsense\n\na:1\nb:99999\nc:1 wieght=2\nd:1 sni=x.org weight=2\n'`);
    assert.deepEqual(found.backends, ['a:1 1', 'd:1 2']);
    assert.deepEqual(found.skipped, [
      'line 1: the port is missing in "nonsense"',
      'line 4: the port 99999 is out of range',
      'line 5: unknown option "wieght" in "c:1 wieght=2"; did you mean "weight"?',
    ]);
  });

  test('are none only where the program has failed', async (t) => {
    await assert.rejects(by(t, ':'), { message: 'the answer names no backends' });
    await assert.rejects(by(t, 'echo; echo'), { message: 'the answer names no backends' });
    await assert.rejects(by(t, 'echo x; echo y'), {
      message: 'no line names a backend; line 1: the port is missing in "x"',
    });
  });

  test('do not count when the program exits with another code, which says what was printed as an error', async (t) => {
    const text = 'echo a:1; echo "no route to the registry" >&2; echo more >&2; exit 3';
    await assert.rejects(by(t, text), { message: 'the program exited with code 3: no route to the registry' });
    await assert.rejects(by(t, 'exit 1'), { message: 'the program exited with code 1' });
    await assert.rejects(by(t, 'kill -9 $$'), { message: 'the program was ended by SIGKILL' });
  });

  test('come from any number of words on standard error', async (t) => {
    const found = await by(t, 'head -c 1000000 /dev/zero >&2; echo a:1');
    assert.deepEqual(found.backends, ['a:1 1']);
  });

  test('are not read without end', async (t) => {
    await assert.rejects(by(t, 'yes a:1'), { message: 'the program printed more than 4194304 bytes' });
  });

  test('need a program that is there', async () => {
    await assert.rejects(exec('/nowhere/list')(), { code: 'ENOENT' });
  });

  test('need no shell, and get the arguments as they are', async () => {
    assert.deepEqual((await exec(['printf', '%s\n', 'a:1', 'b:2 weight=$(id)'])()).backends, ['a:1 1']);
  });
});

test('a program that is aborted is killed with all that it has started', async (t) => {
  const file = join(temporaryFolder(t), 'pids');
  const path = script(t, `sleep 600 & echo $! $$ > ${file}.new; mv ${file}.new ${file}; trap '' TERM; wait`);
  const abort = new AbortController();
  const found = exec(path)(abort.signal);
  const pids = await untilFile(file, (text) => /\d+ \d+\n/.test(text));
  abort.abort();
  await assert.rejects(found, { message: 'the program still runs' });
  for (const pid of pids.trim().split(' ')) await untilGone(Number(pid));
});
