import { type ChildProcess, spawn } from 'node:child_process';

import { errorCode } from '../core/errors.ts';
import { untilAborted } from './until-aborted.ts';

export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  /** Bytes of its standard output that are kept; one that prints more is killed. */
  readonly most: number;
  /** Bytes of its standard error that are kept, without an end for it; absent: none. */
  readonly mostErrors?: number;
}

export interface ProgramEnd {
  /** Absent when a signal ended it. */
  readonly code?: number;
  /** What ended it, where it did not exit by itself. */
  readonly signal?: NodeJS.Signals;
  /** Its standard output. */
  readonly output: Buffer;
  /** The beginning of its standard error. */
  readonly errors: Buffer;
  /** It printed more than was asked for, and was killed for it. */
  readonly isTooMuch: boolean;
}

/**
 * Runs a program without a shell, in a process group of its own. Nothing of it is left afterwards: whatever is still in
 * the group when the program has ended, has printed too much, or is aborted, is killed. Its input is empty.
 * @throws the system's error when it cannot be started, or at an abort
 */
export function runProgram(
  { program, args, most, mostErrors = 0 }: ProgramRun,
  signal: AbortSignal,
): Promise<ProgramEnd> {
  return untilAborted(signal, 'the program still runs', (resolve, reject) => {
    // Without descriptors it comes without its output, and fails.
    const child: ChildProcess = spawn(program, args, {
      detached: true,
      stdio: ['ignore', 'pipe', mostErrors > 0 ? 'pipe' : 'ignore'],
    });
    const { stdout, stderr, pid } = child;
    const chunks: Buffer[] = [];
    let errors = Buffer.alloc(0);
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
    stderr?.on('data', (chunk: Buffer) => {
      if (errors.length < mostErrors) errors = Buffer.concat([errors, chunk.subarray(0, mostErrors - errors.length)]);
    });
    // After its exit, and the end of its output.
    child.on('close', (code, ending) => {
      const output = Buffer.concat(chunks);
      resolve({
        ...(code !== null && { code }),
        ...(ending !== null && { signal: ending }),
        output,
        errors,
        isTooMuch,
      });
    });
    return (hasFailed) => {
      if (!hasFailed) return;
      kill();
      stdout?.destroy();
      stderr?.destroy();
    };
  });
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (thrown) {
    // No process is left, or only programs of another user.
    if (!['ESRCH', 'EPERM'].includes(errorCode(thrown))) throw thrown;
  }
}
