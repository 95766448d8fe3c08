import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { temporaryFolder } from '../../../test/helpers/processes/cli.ts';
import { TslbError } from '../../core/errors.ts';
import { AccessSink } from './access-sink.ts';

test('lines go nowhere until there is an output, then there, and nowhere again', async (t) => {
  const file = join(temporaryFolder(t), 'access.log');
  const sink = new AccessSink();
  assert.equal(sink.write('lost\n'), 0);
  sink.configure(file);
  assert.equal(sink.write('one\ntwo\n'), 0);
  sink.configure(file);
  assert.equal(sink.write('three\n'), 0);
  sink.configure(undefined);
  assert.equal(sink.write('lost\n'), 0);
  sink.configure(file);
  await sink.close();
  assert.equal(readFileSync(file, 'utf8'), 'one\ntwo\nthree\n');
});

test('another output takes over, and what was written before stands in the first', async (t) => {
  const path = temporaryFolder(t);
  const sink = new AccessSink();
  sink.configure(join(path, 'a'));
  sink.write('first\n');
  sink.configure(join(path, 'b'));
  sink.write('second\n');
  await sink.close();
  assert.equal(readFileSync(join(path, 'b'), 'utf8'), 'second\n');
  assert.equal(readFileSync(join(path, 'a'), 'utf8'), 'first\n');
});

test('an output that cannot be opened leaves the old one in use', async (t) => {
  const path = temporaryFolder(t);
  const sink = new AccessSink();
  sink.configure(join(path, 'a'));
  assert.throws(
    () => sink.configure(join(path, 'missing', 'b')),
    (error: unknown) => error instanceof TslbError && error.code === 'TSLB_LOG_OUTPUT',
  );
  sink.write('still here\n');
  sink.configure(join(path, 'a'));
  await sink.close();
  assert.equal(readFileSync(join(path, 'a'), 'utf8'), 'still here\n');
});

test('after logrotate moved the file, lines go to a new one of its name', async (t) => {
  const file = join(temporaryFolder(t), 'access.log');
  const sink = new AccessSink();
  sink.reopen();
  sink.configure(file);
  sink.write('old\n');
  renameSync(file, `${file}.1`);
  sink.reopen();
  sink.write('new\n');
  await sink.close();
  const both = readFileSync(`${file}.1`, 'utf8') + readFileSync(file, 'utf8');
  assert.equal(both, 'old\nnew\n');
  assert.match(readFileSync(file, 'utf8'), /new\n$/);
});

test('what a reader that does not keep up has lost is told once, when it is taken again', async () => {
  const sink = new AccessSink();
  sink.configure('/dev/null');
  const tooMuch = 'x'.repeat(17 * 1024 * 1024);
  assert.deepEqual([sink.write(tooMuch), sink.write(tooMuch), sink.write(tooMuch)], [0, 0, 0]);
  assert.deepEqual([sink.write('fits\n'), sink.write('fits\n')], [3, 0]);
  sink.write(tooMuch);
  assert.deepEqual([sink.write('fits\n'), sink.write('fits\n')], [1, 0]);
  await sink.close();
});
