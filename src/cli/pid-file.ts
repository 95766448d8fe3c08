import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';

import { asError, errorCode, TslbError } from '../core/errors.ts';

export interface PidFile {
  /** Removes the file if it still holds our pid. Safe to call twice. */
  release(): void;
}

/**
 * Writes our process id, and a newline, to `path`. A file that is there is replaced when it is empty or holds the pid
 * of a process that is gone or is no tslb; the number may have gone to another program since.
 * @throws TslbError TSLB_PID_FILE_RUNNING when it names a running tslb, TSLB_PID_FILE_FOREIGN when it is not a pid
 *   file but data of another kind, or a link, TSLB_PID_FILE_WRITE when the system refuses
 */
export function writePidFile(path: string): PidFile {
  const temporary = `${path}.${process.pid}`;
  rmSync(temporary, { force: true });
  try {
    writeFileSync(temporary, `${process.pid}\n`, { flag: 'wx', mode: 0o644 });
    try {
      putInPlace(temporary, path);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (thrown) {
    if (thrown instanceof TslbError) throw thrown;
    const cause = asError(thrown);
    throw new TslbError('TSLB_PID_FILE_WRITE', `cannot write pid file ${path}: ${cause.message}`, { cause });
  }
  return { release: () => remove(path) };
}

/** Readers see the old file or the new one, whole. A link at `path` is refused, never written through. */
function putInPlace(temporary: string, path: string): void {
  if (isTaken(path)) renameSync(temporary, path);
  else linkSync(temporary, path);
}

/** @returns whether there is a file, which then may be replaced @throws TslbError when it may not */
function isTaken(path: string): boolean {
  const text = readPidFile(path);
  if (text === undefined) return false;
  if (!/^\d*$/.test(text)) {
    throw new TslbError(
      'TSLB_PID_FILE_FOREIGN',
      `${path} exists and is not a pid file; name another path, or move the file away`,
    );
  }
  if (text !== '' && isRunningTslb(Number(text))) {
    throw new TslbError(
      'TSLB_PID_FILE_RUNNING',
      `tslb is already running as process ${text}, according to pid file ${path}`,
    );
  }
  return true;
}

/** A pid has at most 7 digits on Linux; a longer file is not read to its end. */
const LONGEST_PID_FILE = 64;

/** @returns the content without white space around it, or undefined where there is no file */
function readPidFile(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return undefined;
    if (errorCode(thrown) !== 'ELOOP') throw thrown;
    throw new TslbError('TSLB_PID_FILE_FOREIGN', `pid file ${path} is a symbolic link; name the file itself`);
  }
  try {
    if (!fstatSync(fd).isFile()) {
      throw new TslbError('TSLB_PID_FILE_FOREIGN', `pid file ${path} is not a regular file`);
    }
    const buffer = Buffer.alloc(LONGEST_PID_FILE);
    return buffer.toString('latin1', 0, readSync(fd, buffer)).trim();
  } finally {
    closeSync(fd);
  }
}

function isRunningTslb(pid: number): boolean {
  // Ours: in a container each start may get the same number.
  if (pid === process.pid || pid === 0) return false;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    // EPERM: it exists and belongs to another user. All other answers mean that there is none.
    if (errorCode(thrown) !== 'EPERM') return false;
  }
  try {
    return isTslbCommand(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'));
  } catch {
    // No /proc on this system: the pid is in use, and its program is unknown.
    return true;
  }
}

/** `node …/tslb start`, `node …/src/cli/main.js start`, or `tslb start` from a launcher of that name. */
function isTslbCommand([program = '', ...args]: readonly string[]): boolean {
  if (/(^|\/)tslb$/.test(program)) return true;
  return /(^|\/)node(js)?$/.test(program) && args.some((arg) => /(^|\/)(tslb|src\/cli\/main\.js)$/.test(arg));
}

function remove(path: string): void {
  try {
    if (readPidFile(path) === String(process.pid)) rmSync(path);
  } catch {
    // The folder may no longer be ours to write. The file that remains is stale, and the next start replaces it.
  }
}
