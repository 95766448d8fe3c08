import { once } from 'node:events';
import { chmodSync, linkSync, lstatSync, mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';

import type { UnixAddress } from '../core/address.ts';
import { errorCode } from '../core/errors.ts';
import { removeStaleSocket } from './stale-socket.ts';

/** sun_path of unix(7) without its last 0. A longer path would be cut without a word. */
const LONGEST_PATH = 107;

/**
 * Listens at a path, with the given permissions from the first moment: the socket is made in a directory that no other
 * user may enter, and gets its name when its mode is right. A socket that a killed process left there is removed.
 * @returns what removes the file again, unless it has become another
 * @throws the system's errors: `EADDRINUSE` also for a file that is no socket
 */
export async function listenAtPath(server: Server, { path, mode }: Required<UnixAddress>): Promise<() => void> {
  const folder = mkdtempSync(join(dirname(path), '.'));
  try {
    const made = join(folder, 's');
    const size = Math.max(Buffer.byteLength(path), Buffer.byteLength(made));
    if (size > LONGEST_PATH) throw systemError('ENAMETOOLONG', 'the path is too long');
    server.listen({ path: made });
    await once(server, 'listening');
    chmodSync(made, mode);
    const { ino } = lstatSync(made);
    await nameSocket(made, path);
    return () => removeIfSame(path, ino);
  } catch (thrown) {
    server.close();
    throw thrown;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A link, unlike a rename, never takes the place of what is there. */
async function nameSocket(made: string, path: string): Promise<void> {
  try {
    linkSync(made, path);
    return;
  } catch (thrown) {
    if (errorCode(thrown) !== 'EEXIST') throw thrown;
  }
  const isFree = await new Promise<boolean>((resolve) => removeStaleSocket(path, resolve));
  if (!isFree) throw systemError('EADDRINUSE', 'the path is taken');
  linkSync(made, path);
}

function removeIfSame(path: string, ino: number): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.ino === ino) unlinkSync(path);
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
