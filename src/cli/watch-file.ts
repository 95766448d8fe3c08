import { statSync } from 'node:fs';

import { watch } from 'chokidar';

import { asError, TslbError } from '../core/errors.ts';

export interface WatchEvents {
  readonly changed: () => void;
  /** Changes may go unnoticed from here on: the system has no more watches to give, say. */
  readonly failed: (error: Error) => void;
}

export interface FileWatch {
  close(): Promise<void>;
}

/** How long a file must keep its size before it counts as written. */
const SETTLE_MS = 100;

/**
 * A text that differs for each state of a file; '' when the file does not exist.
 * @throws TslbError TSLB_USAGE for a pipe or a directory, which cannot be watched
 */
export function fileState(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return '';
  if (!stat.isFile()) throw new TslbError('TSLB_USAGE', `--watch needs a regular file, and ${path} is not one`);
  return [stat.ino, stat.size, stat.mtimeNs].join();
}

/**
 * Reports each change of a file, also when an editor replaces the file.
 * @param known its state before it was read: a change between that and the watcher's first look is told too
 */
export function watchFile(path: string, known: string, events: WatchEvents): FileWatch {
  const watcher = watch(path, {
    ignoreInitial: true,
    atomic: true,
    awaitWriteFinish: { stabilityThreshold: SETTLE_MS, pollInterval: SETTLE_MS / 2 },
  });
  watcher.on('change', events.changed);
  watcher.on('add', events.changed);
  watcher.on('error', (thrown) => events.failed(asError(thrown)));
  watcher.on('ready', () => {
    // A missing file is being replaced: its return is reported as a change.
    const state = fileState(path);
    if (state !== '' && state !== known) events.changed();
  });
  return { close: () => watcher.close() };
}
