import { type ChildProcess, spawn } from 'node:child_process';

import { errorCode } from '../core/errors.ts';
import { untilAborted } from './until-aborted.ts';

export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  /** Bytes of its standard output that are kept; one that prints more is killed. */
  readonly most: number;
}

export interface ProgramEnd {
  /** Absent when a signal ended it. */
  readonly code?: number;
  /** What ended it, where it did not exit by itself. */
  readonly signal?: NodeJS.Signals;
  /** Its standard output. */
  readonly output: Buffer;
  /** It printed more than was asked for, and was killed for it. */
  readonly isTooMuch: boolean;
}

/**
 * Runs a program without a shell, in a process group of its own. Nothing of it is left afterwards: whatever is still in
 * the group when the program has ended, has printed too much, or is aborted, is killed. Its input is empty, and what it
 * says on standard error is thrown away.
 * @throws the system's error when it cannot be started, or at an abort
 */
export function runProgram({ program, args, most }: ProgramRun, signal: AbortSignal): Promise<ProgramEnd> {
  return untilAborted(signal, 'the program still runs', (resolve, reject) => {
    // Without descriptors it comes without its output, and fails.
    const child: ChildProcess = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    const { stdout, pid } = child;
    const chunks: Buffer[] = [];
    let size = 0;
    let isTooMuch = false;
    const kill = (): void => {
      if (pid !== undefined) killGroup(pid);
    };
    child.on('error', reject);
    child.on('exit', kill);
    stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= most) return void chunks.push(chunk);
      isTooMuch = true;
      kill();
    });
    // After its exit, and the end of its output.
    child.on('close', (code, ending) => {
      const output = Buffer.concat(chunks);
      resolve({ ...(code !== null && { code }), ...(ending !== null && { signal: ending }), output, isTooMuch });
    });
    return (hasFailed) => {
      if (!hasFailed) return;
      kill();
      stdout?.destroy();
    };
  });
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (thrown) {
    // Nobody is left, or only programs of another user.
    if (!['ESRCH', 'EPERM'].includes(errorCode(thrown))) throw thrown;
  }
}
