import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { platform } from 'node:process';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { FakeClock } from '../../../test/helpers/fake-clock.ts';
import { OpenFiles } from './open-files.ts';

/** A folder whose size tells nothing, as that of the descriptors before Linux 6.2. */
const WITHOUT_SIZE = '/proc/self/task';
const skip = platform !== 'linux' && 'reads /proc';

test('the size of the folder is their number', { skip }, (t) => {
  const folder = mkdtempSync('/dev/shm/tslb-');
  t.after(() => rmSync(folder, { recursive: true }));
  assert.equal(new OpenFiles(new FakeClock(), folder).look(), statSync(folder).size);
});

test('where it has none they are counted, and again only after a while', { skip }, async (t) => {
  const clock = new FakeClock();
  const files = new OpenFiles(clock, WITHOUT_SIZE);
  const before = readdirSync(WITHOUT_SIZE).length;
  assert.equal(statSync(WITHOUT_SIZE).size, 0);
  assert.equal(files.look(), before);
  const worker = new Worker('process.stdin.resume()', { eval: true });
  t.after(() => worker.terminate());
  await once(worker, 'online');
  const after = readdirSync(WITHOUT_SIZE).length;
  assert.ok(after > before);
  assert.equal(files.look(), before);
  clock.advance(15_000);
  assert.equal(files.look(), after);
});

test('nobody knows where there is no such folder', () => {
  assert.equal(new OpenFiles(new FakeClock(), '/proc/nobody/fd').look(), undefined);
});
