import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { temporaryFolder } from '../../test/helpers/processes/cli.ts';
import { writePidFile } from './pid-file.ts';

const OURS = `${process.pid}\n`;

function temporaryPath(t: TestContext): string {
  const folder = temporaryFolder(t);
  return join(folder, 'tslb.pid');
}

/** A process that runs until the test ends; its command line is `node SCRIPT`. */
async function startScript(t: TestContext, script: string): Promise<number> {
  writeFileSync(script, "setInterval(() => {}, 1000); console.log('up');");
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  await once(child.stdout, 'data');
  return child.pid!;
}

async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  return child.pid!;
}

test('it holds our pid, no other user may write it, and it is removed at the end', (t) => {
  const path = temporaryPath(t);
  const file = writePidFile(path);
  assert.equal(readFileSync(path, 'utf8'), OURS);
  assert.equal(statSync(path).mode & 0o133, 0);
  assert.deepEqual(readdirSync(dirname(path)), ['tslb.pid']);
  file.release();
  assert.equal(existsSync(path), false);
  file.release();
});

test('a file of another process is not removed', (t) => {
  const path = temporaryPath(t);
  const file = writePidFile(path);
  writeFileSync(path, '1');
  file.release();
  assert.equal(readFileSync(path, 'utf8'), '1');
});

test('a file is replaced when it is not needed: empty, of a process that ended, our own number', async (t) => {
  const path = temporaryPath(t);
  for (const content of ['', '\n', String(await endedPid()), ` ${await endedPid()}\n`, OURS, '0', '99999999999']) {
    writeFileSync(path, content);
    writePidFile(path);
    assert.equal(readFileSync(path, 'utf8'), OURS, JSON.stringify(content));
  }
});

test('a number that went to another program is replaced', async (t) => {
  const path = temporaryPath(t);
  writeFileSync(path, String(await startScript(t, join(dirname(path), 'other.mjs'))));
  writePidFile(path);
  assert.equal(readFileSync(path, 'utf8'), OURS);
});

test('a running tslb is not started twice', async (t) => {
  const path = temporaryPath(t);
  mkdirSync(join(dirname(path), 'src', 'cli'), { recursive: true });
  for (const script of ['tslb', join('src', 'cli', 'main.js')]) {
    const content = `${await startScript(t, join(dirname(path), script))}\n`;
    writeFileSync(path, content);
    assert.throws(() => writePidFile(path), { code: 'TSLB_PID_FILE_RUNNING' });
    assert.equal(readFileSync(path, 'utf8'), content);
  }
});

test('foreign data is left alone', (t) => {
  const path = temporaryPath(t);
  for (const content of ['[logging]\nlevel = "info"\n', '12 34', '-1', 'x'.repeat(10_000)]) {
    writeFileSync(path, content);
    assert.throws(() => writePidFile(path), { code: 'TSLB_PID_FILE_FOREIGN' });
    assert.equal(readFileSync(path, 'utf8'), content);
  }
  assert.deepEqual(readdirSync(dirname(path)), ['tslb.pid']);
});

test('a symbolic link is not followed, whether or not it leads somewhere', (t) => {
  const path = temporaryPath(t);
  const target = join(dirname(path), 'target');
  symlinkSync(target, path);
  assert.throws(() => writePidFile(path), { code: 'TSLB_PID_FILE_FOREIGN' });
  assert.equal(existsSync(target), false);
  writeFileSync(target, '1');
  assert.throws(() => writePidFile(path), { code: 'TSLB_PID_FILE_FOREIGN' });
  assert.equal(readFileSync(target, 'utf8'), '1');
});

test('a folder is no pid file, and a folder that is missing is an error', (t) => {
  const path = temporaryPath(t);
  assert.throws(() => writePidFile(dirname(path)), { code: 'TSLB_PID_FILE_FOREIGN' });
  assert.throws(() => writePidFile(join(path, 'x', 'tslb.pid')), { code: 'TSLB_PID_FILE_WRITE', message: /ENOENT/ });
});
