import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { WITHOUT_KOFFI } from '../helpers/processes/cli.ts';

const ASK = `
  try { require('koffi'); console.log('it loads'); } catch (error) { console.log(error.code); }
`;

/** What a program prints that runs without koffi. */
function said(program: string): string {
  const env = { ...process.env, ...WITHOUT_KOFFI };
  return execFileSync(process.execPath, ['--eval', program], { env, encoding: 'utf8' }).trim();
}

// What the run without koffi of .ci/run stands on.
test('without koffi neither a process, nor its threads, nor what it starts can load it', () => {
  const thread = `new (require('node:worker_threads').Worker)(${JSON.stringify(ASK)}, { eval: true });`;
  const child = `
    const { execFileSync } = require('node:child_process');
    process.stdout.write(execFileSync(process.execPath, ['--eval', ${JSON.stringify(ASK)}]));
  `;
  assert.deepEqual([ASK, thread, child].map(said), Array(3).fill('MODULE_NOT_FOUND'));
});
