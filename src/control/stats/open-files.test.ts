import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { platform } from 'node:process';
import { test } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { OpenFiles } from './open-files.ts';

/** Tells of descriptors too, and has no size. */
const WITHOUT_SIZE = '/proc/self/fdinfo';
const skip = platform !== 'linux' && 'reads /proc';

test('the size of the folder is their number', { skip }, (t) => {
  const folder = mkdtempSync('/dev/shm/tslb-');
  t.after(() => rmSync(folder, { recursive: true }));
  assert.equal(new OpenFiles(new FakeClock(), folder).look(), statSync(folder).size);
});

test('where it has none they are counted, and again only after a while', { skip }, (t) => {
  const clock = new FakeClock();
  const files = new OpenFiles(clock, WITHOUT_SIZE);
  const before = readdirSync(WITHOUT_SIZE).length;
  assert.equal(statSync(WITHOUT_SIZE).size, 0);
  assert.equal(files.look(), before);
  const file = openSync('/dev/null', 'r');
  t.after(() => closeSync(file));
  assert.equal(files.look(), before);
  clock.advance(15_000);
  assert.equal(files.look(), before + 1);
});

test('the number is unknown without such a folder', () => {
  assert.equal(new OpenFiles(new FakeClock(), '/proc/nobody/fd').look(), undefined);
});
