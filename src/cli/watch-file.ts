import { watch } from 'chokidar';

export interface FileWatch {
  close(): Promise<void>;
}

/** How long a file must keep its size before it counts as written. */
const SETTLE_MS = 100;

/** Tells of each change of a file, also when an editor replaces it by another. */
export function watchFile(path: string, changed: () => void): FileWatch {
  const watcher = watch(path, {
    ignoreInitial: true,
    atomic: true,
    awaitWriteFinish: { stabilityThreshold: SETTLE_MS, pollInterval: SETTLE_MS / 2 },
  });
  watcher.on('change', changed);
  watcher.on('add', changed);
  // It may have changed between its reading at the start and the first look of the watcher.
  watcher.on('ready', changed);
  return { close: () => watcher.close() };
}
