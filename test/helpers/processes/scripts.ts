import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { errorCode } from '../../../src/core/errors.ts';
import { temporaryFolder } from './cli.ts';

/** A shell script. @returns its path */
export function script(t: TestContext, text: string): string {
  const path = join(temporaryFolder(t), 'script.sh');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Whether a process is there, and not only waiting to be reaped. */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (thrown) {
    if (['ENOENT', 'ESRCH'].includes(errorCode(thrown))) return false;
    throw thrown;
  }
}

export async function untilGone(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
}
