import { constants } from 'node:fs';
import { access, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { NO_SOURCE } from '../config/source.ts';
import { asError, errorCode, TslbError } from '../core/errors.ts';
import type { Logger } from '../log/log.ts';
import { NO_OVERLAY, type Overlay } from './overlay.ts';
import { type ReadState, readState, stateText } from './state-form.ts';

/**
 * Reads what was changed while tslb ran before; a file that is not there yet says nothing.
 * @throws TslbError TSLB_STATE_FILE when it is there and cannot be read, or could not be written
 */
export async function readStateFile(path: string): Promise<ReadState> {
  try {
    await access(dirname(path), constants.W_OK);
    const bytes = await readIfThere(path);
    if (bytes !== undefined) return await readState(bytes, path);
    return { overlay: NO_OVERLAY, diagnostics: [], source: { ...NO_SOURCE, file: path } };
  } catch (thrown) {
    const cause = asError(thrown);
    throw new TslbError('TSLB_STATE_FILE', `api.state_file: cannot use ${path}: ${cause.message}`, { cause });
  }
}

/** Keeps what is changed while tslb runs. */
export class StateFile {
  readonly #log: Logger;
  #path: string | undefined;
  /** What stands in the file. */
  #kept: Overlay;
  #hasFailed = false;

  /** @param kept what was read from it */
  constructor(path: string | undefined, kept: Overlay, log: Logger) {
    this.#path = path;
    this.#kept = kept;
    this.#log = log;
  }

  /** Writes it, where it is to be kept and says something else now. A change holds though it cannot be written. */
  async keep(path: string | undefined, overlay: Overlay): Promise<void> {
    const isSame = path === this.#path && !this.#hasFailed && isDeepStrictEqual(overlay, this.#kept);
    this.#path = path;
    if (isSame || path === undefined) return;
    try {
      await replaceFile(path, stateText(overlay));
      this.#kept = overlay;
      if (this.#hasFailed) this.#log.info({ file: path }, 'changes by hand are kept again');
      this.#hasFailed = false;
    } catch (err) {
      if (!this.#hasFailed) this.#log.error({ file: path, err }, 'changes by hand not kept');
      this.#hasFailed = true;
    }
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Who reads it sees the old text or the new one, whole, also after a crash. Nobody else may read it. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
