import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { temporaryFolder } from '../../test/helpers/processes/cli.ts';
import { readSmallFile } from './small-file.ts';

test('a file is read, also through a link', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), 'text');
  symlinkSync('file', join(folder, 'link'));
  assert.equal((await readSmallFile(join(folder, 'link'))).toString(), 'text');
});

test('what has no end, or is too large, is refused at once', async (t) => {
  const folder = temporaryFolder(t);
  const [pipe, large] = [join(folder, 'pipe'), join(folder, 'large')];
  execFileSync('mkfifo', [pipe]);
  writeFileSync(large, '');
  truncateSync(large, 2 ** 40);
  await assert.rejects(readSmallFile('/dev/zero'), { message: 'not a file' });
  await assert.rejects(readSmallFile(pipe), { message: 'not a file' });
  await assert.rejects(readSmallFile(large), { message: 'larger than 67108864 bytes' });
  await assert.rejects(readSmallFile(folder), { code: 'EISDIR' });
  await assert.rejects(readSmallFile(join(folder, 'none')), { code: 'ENOENT' });
});
