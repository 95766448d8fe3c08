import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { platform } from 'node:process';
import { isatty } from 'node:tty';

import { asError, TslbError } from '../core/errors.ts';

/** Where lines go: `stdout`, `stderr`, or the path of a file or named pipe. */
export type LogOutput = string;

export interface OpenOutput {
  readonly fd: number;
  /** Whether the descriptor is ours to close. */
  readonly isOwned: boolean;
}

const STANDARD: Readonly<Record<string, number>> = { stdout: 1, '/dev/stdout': 1, stderr: 2, '/dev/stderr': 2 };

/**
 * One name for one destination, so that two users of it can share a writer.
 * @returns the descriptor's number as text for the standard streams, else the path
 */
export function outputKey(output: LogOutput): string {
  const standard = STANDARD[output];
  return standard === undefined ? output : String(standard);
}

/** Whether it is stdout or stderr, which cannot be opened again. */
export function isStandard(output: LogOutput): boolean {
  return STANDARD[output] !== undefined;
}

/** @throws TslbError TSLB_LOG_OUTPUT when the file cannot be opened for appending */
export function openOutput(output: LogOutput): OpenOutput {
  const standard = STANDARD[output];
  return standard === undefined ? openPath(output) : openStandard(standard);
}

/** Without O_NONBLOCK, opening a named pipe without a reader would stop the whole process; with it, it is an error. */
function openPath(path: string): OpenOutput {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  try {
    return { fd: openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o640), isOwned: true };
  } catch (thrown) {
    const cause = asError(thrown);
    throw new TslbError('TSLB_LOG_OUTPUT', `cannot open log output ${path}: ${cause.message}`, { cause });
  }
}

/**
 * A write to a full pipe or a stopped terminal blocks a thread of libuv's pool, and process.exit waits for that thread
 * for ever. Opened once more through /proc the same pipe does not block, and descriptors of other processes keep their mode.
 * A socket (journald) cannot be opened so and stays as it is.
 */
function openStandard(fd: number): OpenOutput {
  if (platform === 'linux' && (fstatSync(fd).isFIFO() || isatty(fd))) {
    try {
      return { fd: openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK), isOwned: true };
    } catch {
      // No /proc, or a terminal of another user (su): the descriptor that we were given works all the same.
    }
  }
  return { fd, isOwned: false };
}

export function closeOutput({ fd, isOwned }: OpenOutput): void {
  if (!isOwned) return;
  try {
    closeSync(fd);
  } catch {
    // A network file system tells late that it did not write. The lines are lost, and the descriptor is given back.
  }
}
