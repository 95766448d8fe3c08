import { writeSync } from 'node:fs';
import { MessageChannel } from 'node:worker_threads';

import { type Clock, systemClock } from '../core/clock.ts';
import { LineWriter } from './line-writer.ts';
import { type LogOutput, outputKey } from './output.ts';

/** Takes whole lines and never waits: a bounded number of bytes waits for a slow reader, and lines beyond are dropped and counted. */
export interface LineSink {
  /** @param line with its newline @returns false when it was dropped */
  write(line: string): boolean;
  /** Lines dropped since the start. */
  readonly dropped: number;
  /**
   * Opens the file again under its name (after logrotate moved it); nothing to do for stdout and stderr.
   * @throws TslbError TSLB_LOG_OUTPUT; the old file stays in use then
   */
  reopen(): void;
  /** Resolves when all lines so far are written, or when that failed, or after `withinMs`. */
  flush(withinMs?: number): Promise<void>;
  /** Writes what is left without returning to the event loop; for the last line before the process ends. */
  flushSync(): void;
  /** Flushes and closes. Lines written after it are dropped. */
  close(withinMs?: number): Promise<void>;
}

export interface LineSinkOptions {
  /** Bytes that may wait for the reader. */
  readonly maxBytes?: number;
  /** Told once when writing begins to fail (disk full, reader gone), and again only after it worked in between. */
  readonly onFailure?: (error: Error) => void;
  readonly clock?: Clock;
}

export const DEFAULT_MAX_BYTES = 1024 * 1024;
export const FLUSH_WITHIN_MS = 2000;

/** One writer for each destination of this thread: two on one pipe would tear each other's lines. */
const writers = new Map<string, { readonly writer: LineWriter; users: number }>();

/** @throws TslbError TSLB_LOG_OUTPUT when the output cannot be opened */
export function openLineSink(output: LogOutput, options: LineSinkOptions = {}): LineSink {
  const key = outputKey(output);
  const { maxBytes = DEFAULT_MAX_BYTES, onFailure = tellStderr(key), clock = systemClock } = options;
  const shared = writers.get(key) ?? { writer: new LineWriter(output, clock), users: 0 };
  shared.users++;
  writers.set(key, shared);
  const { writer } = shared;

  let dropped = 0;
  let isOpen = true;
  writer.onFailure.add(onFailure);

  const flush = (withinMs = FLUSH_WITHIN_MS): Promise<void> => bounded(clock, withinMs, writer.drained());
  return {
    write(line) {
      const isTaken = isOpen && writer.write(line, maxBytes);
      if (!isTaken) dropped++;
      return isTaken;
    },
    get dropped() {
      return dropped;
    },
    reopen() {
      if (isOpen) writer.reopen();
    },
    flush,
    flushSync() {
      if (isOpen) writer.flushSync();
    },
    async close(withinMs) {
      if (!isOpen) return;
      isOpen = false;
      await flush(withinMs);
      writer.onFailure.delete(onFailure);
      if (--shared.users > 0) return;
      writers.delete(key);
      writer.close();
    },
  };
}

/** A full disk behind the log is reported on stderr. */
function tellStderr(key: string): (error: Error) => void {
  return (error) => {
    if (key === '2') return;
    try {
      writeSync(2, `tslb: cannot write the log: ${error.message}\n`);
    } catch {
      // stderr cannot be written either.
    }
  };
}

/** Clock timers let the process end, and a promise alone does not hold it: an open port does, until the answer is there. */
function bounded(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const { port1: hold } = new MessageChannel();
    hold.ref();
    const done = (): void => {
      timer.cancel();
      hold.close();
      resolve();
    };
    const timer = clock.after(ms, done);
    void work.then(done);
  });
}
