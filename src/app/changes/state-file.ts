import { constants } from 'node:fs';
import { access, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { type Problem, quoted } from '../../config/problem/problem.ts';
import { NO_SOURCE } from '../../config/text/source.ts';
import { asError, errorCode, TslbError } from '../../core/errors.ts';
import type { JsonTable } from '../../core/json.ts';
import { readSmallFile } from '../../io/small-file.ts';
import type { Logger } from '../../log/log.ts';
import { NO_OVERLAY, type Overlay, pruned } from './overlay.ts';
import { type ReadState, readState, stateText } from './state-form.ts';

/**
 * Reads the changes at runtime that an earlier tslb has kept; a file that does not exist yet has none.
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

/** Keeps changes at runtime in a file. */
export class StateFile {
  readonly #log: Logger;
  #path: string | undefined;
  /** What stands in the file. */
  #kept: Overlay;
  /** The contents of the file in which changes are to be kept next. */
  #found: { readonly path: string; readonly overlay: Overlay } | undefined;
  #hasFailed = false;

  /** @param kept what was read from it */
  constructor(path: string | undefined, kept: Overlay, log: Logger) {
    this.#path = path;
    this.#kept = kept;
    this.#log = log;
  }

  /**
   * Why changes must not be kept in that file from now on: its contents, which were never read, would be lost.
   * @param file the tables that the changes lie over
   * @throws TslbError TSLB_STATE_FILE
   */
  async problemOf(path: string | undefined, overlay: Overlay, file: JsonTable): Promise<Problem | undefined> {
    if (path === undefined || path === this.#path) return undefined;
    const { overlay: found } = await readStateFile(path);
    if (found === undefined) return taken(`${quoted(path)} exists already and is not a state file`);
    this.#found = { path, overlay: found };
    if (found.size === 0 || isDeepStrictEqual(pruned(found, file), overlay)) return undefined;
    return taken(`${quoted(path)} exists already and holds other changes than those made at runtime`);
  }

  /** Writes the file where there is one and the overlay differs. A change holds even when it cannot be written. */
  async keep(path: string | undefined, overlay: Overlay): Promise<void> {
    if (path !== this.#path)
      this.#kept = path !== undefined && this.#found?.path === path ? this.#found.overlay : NO_OVERLAY;
    this.#path = path;
    if (path === undefined || (!this.#hasFailed && isDeepStrictEqual(overlay, this.#kept))) return;
    try {
      await replaceFile(path, stateText(overlay));
      this.#kept = overlay;
      if (this.#hasFailed) this.#log.info({ file: path }, 'runtime changes are saved again');
      this.#hasFailed = false;
    } catch (err) {
      if (!this.#hasFailed) this.#log.error({ file: path, err }, 'runtime changes not saved');
      this.#hasFailed = true;
    }
  }
}

function taken(message: string): Problem {
  const suggestion =
    'name a file that does not exist yet, or move this one away; a state file is read only when tslb starts';
  return { code: 'TSLB_CONFIG_STATE_FILE', path: ['api', 'state_file'], message, suggestion };
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readSmallFile(path);
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** A reader sees the whole old text or the whole new one, also after a crash. Only our own user may read it. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await rm(temporary, { force: true });
  try {
    await writeNew(temporary, text);
    await rename(temporary, path);
  } catch (thrown) {
    // Why it could not be written matters more than that it cannot be removed either.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw thrown;
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
