import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { temporaryFolder } from '../../test/helpers/processes/cli.ts';
import { openLineSink } from './line-sink.ts';

/** A program that writes `count` numbered lines of 100 bytes to its standard output by a sink, and then ends. */
function writerProgram(count: number): string {
  return `
    const { openLineSink } = await import(${JSON.stringify(new URL('line-sink.js', import.meta.url).href)});
    const sink = openLineSink('stdout', { maxBytes: 256 * 1024 });
    for (let n = 0; n < ${count}; n++) sink.write(String(n).padEnd(99) + '\\n');
    await sink.close(500);
    process.stderr.write('dropped ' + sink.dropped + '\\n');
    process.exit(0);`;
}

function startWriter(count: number) {
  return spawn(process.execPath, ['--input-type=module', '-e', writerProgram(count)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('lines arrive whole and in order, also from two sinks on one file', async (t) => {
  const file = join(temporaryFolder(t), 'access.log');
  const first = openLineSink(file);
  const second = openLineSink(file);
  for (let n = 0; n < 5000; n++) (n % 2 === 0 ? first : second).write(`${n}\n`);
  await first.close();
  assert.equal(first.write('after close\n'), false);
  second.write('5000\n');
  await second.close();
  assert.equal(readFileSync(file, 'utf8'), Array.from({ length: 5001 }, (_, n) => `${n}\n`).join(''));
});

test('flushSync writes without the event loop', (t) => {
  const file = join(temporaryFolder(t), 'crash.log');
  const sink = openLineSink(file);
  t.after(() => sink.close());
  for (let n = 0; n < 100; n++) sink.write('x\n');
  sink.flushSync();
  // The first line is on its way in libuv's pool.
  assert.ok(readFileSync(file, 'utf8').length >= 99 * 2);
});

test('a blocked reader costs bounded memory: the lines beyond are dropped and counted, those before arrive', async (t) => {
  const pipe = join(temporaryFolder(t), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const holder = spawn('sh', ['-c', `exec 3<>'${pipe}'; echo open; read line`], { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => holder.kill());
  await once(holder.stdout, 'data');

  const sink = openLineSink(pipe, { maxBytes: 100_000 });
  const line = `${'x'.repeat(99)}\n`;
  let taken = 0;
  for (let n = 0; n < 10_000; n++) if (sink.write(line)) taken++;
  assert.equal(sink.dropped, 10_000 - taken);
  assert.ok(taken >= 1000 && taken < 10_000, `took ${taken}`);

  const received = createReadStream(pipe);
  let bytes = 0;
  received.on('data', (chunk) => (bytes += chunk.length));
  await sink.close();
  while (bytes < taken * 100) await once(received, 'data');
  assert.equal(bytes, taken * 100);
  received.destroy();
});

test('a named pipe without a reader is an error, not a process that stands still', (t) => {
  const pipe = join(temporaryFolder(t), 'pipe');
  execFileSync('mkfifo', [pipe]);
  assert.throws(() => openLineSink(pipe), { code: 'TSLB_LOG_OUTPUT' });
});

test('the process ends although the reader of its standard output does not read', async () => {
  const child = startWriter(10_000);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
  assert.match(errors, /^dropped [1-9]\d*\n$/);
  child.stdout.destroy();
});

test('the process ends cleanly when the reader of its standard output leaves', async () => {
  const child = startWriter(100);
  child.stdout.destroy();
  child.stderr.resume();
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
});

test('all that was taken is written before the process ends', async () => {
  const child = startWriter(2000);
  child.stderr.resume();
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk as string;
  assert.equal(text, Array.from({ length: 2000 }, (_, n) => `${String(n).padEnd(99)}\n`).join(''));
});

test('a full disk is told once', async (t) => {
  const failures: Error[] = [];
  const sink = openLineSink('/dev/full', { onFailure: (error) => failures.push(error) });
  t.after(() => sink.close(0));
  sink.write('a\n');
  await sink.flush();
  sink.write('b\n');
  await sink.flush();
  assert.deepEqual(
    failures.map((error) => 'code' in error && error.code),
    ['ENOSPC'],
  );
});
