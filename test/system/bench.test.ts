import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { Findings } from '../../scripts/bench/report/findings.ts';
import { runTool } from '../../scripts/bench/tools.ts';
import { processTree } from '../../scripts/bench/usage.ts';
import { temporaryFolder } from '../helpers/processes/cli.ts';
import { missingTools } from '../helpers/processes/tools.ts';

const BENCH = fileURLToPath(new URL('../../scripts/bench.js', import.meta.url));
const SHORT = ['--quick', '--only', 'body-1k,ping-1b-2000,idle,paused-reader'];

const skip = missingTools('nginx', 'ab');

function foldersLeft(): readonly string[] {
  const folder = '/dev/shm';
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('tslb-bench-')) : [];
}

test('a short bench measures what it can, writes its report, and leaves nothing behind', { skip }, async (t) => {
  const before = foldersLeft();
  const folder = temporaryFolder(t);
  const json = join(folder, 'figures.json');
  const printed = await runTool(process.execPath, [BENCH, ...SHORT, '--json', json, '--out', join(folder, 'report')]);
  const { results, plan } = JSON.parse(readFileSync(json, 'utf8')) as Findings;
  assert.deepEqual(results.failures, []);
  assert.ok(plan.subjects.includes('net') && plan.subjects.includes('direct'));
  for (const work of plan.works) {
    const subjects = results.samples.filter((sample) => sample.work === work).map(({ subject }) => subject);
    const expected = plan.subjects.filter((subject) => subject !== 'direct' || work !== 'idle');
    assert.deepEqual(subjects.toSorted(), expected.toSorted(), work);
  }
  for (const { figures } of results.samples) {
    for (const [figure, value] of Object.entries(figures)) assert.ok(Number.isFinite(value), figure);
  }
  assert.deepEqual(readdirSync(join(folder, 'report')).sort(), ['ratios-1.svg', 'results.json', 'results.md']);
  assert.equal(readFileSync(join(folder, 'report', 'results.md'), 'utf8'), printed);
  assert.deepEqual(foldersLeft(), before);
});

test('Ctrl-C ends the bench and all that it has started', { skip }, async (t) => {
  const before = foldersLeft();
  const child = spawn(process.execPath, [BENCH, '--only', 'keep-alive'], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  const said = createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  while (!lines.some((line) => line.startsWith('round 1/'))) await once(said, 'line');
  const started = processTree(child.pid ?? 0);
  assert.ok(started.length > 4, `only ${started.length} processes`);
  const ended = once(child, 'close');
  child.kill('SIGINT');
  assert.deepEqual(await ended, [1, null], lines.join('\n'));
  assert.equal(lines.at(-1), 'ended by SIGINT');
  for (const pid of started) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  assert.deepEqual(foldersLeft(), before);
});
