import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

import { temporaryFolder } from '../../test/helpers/processes/cli.ts';
import { removeStaleSocket } from './stale-socket.ts';

function isFree(path: string): Promise<boolean> {
  return new Promise((resolve) => removeStaleSocket(path, resolve));
}

/** What a killed process leaves: a socket file that nobody listens on. */
function abandon(path: string): void {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  assert.throws(() => execFileSync(process.execPath, ['--eval', script], { stdio: 'ignore' }));
  assert.ok(existsSync(path));
}

test('the socket of a killed process is removed', async (t) => {
  const path = join(temporaryFolder(t), 'x.sock');
  abandon(path);
  assert.equal(await isFree(path), true);
  assert.ok(!existsSync(path));
});

test('a socket with a listener stays, and goes on serving', async (t) => {
  const path = join(temporaryFolder(t), 'x.sock');
  const server = createServer().listen(path);
  t.after(() => server.close());
  await once(server, 'listening');
  assert.equal(await isFree(path), false);
  assert.ok(existsSync(path));
});

test('a file that is no socket is never removed', async (t) => {
  const path = join(temporaryFolder(t), 'x.sock');
  writeFileSync(path, 'precious');
  assert.equal(await isFree(path), false);
  assert.equal(readFileSync(path, 'utf8'), 'precious');
});

test('a link is not followed and not removed', async (t) => {
  const path = temporaryFolder(t);
  const [target, link] = [join(path, 'target.sock'), join(path, 'link.sock')];
  abandon(target);
  symlinkSync(target, link);
  assert.equal(await isFree(link), false);
  assert.ok(existsSync(target) && existsSync(link));
});

test('a path where nothing is cannot be freed', async (t) => {
  assert.equal(await isFree(join(temporaryFolder(t), 'x.sock')), false);
});
