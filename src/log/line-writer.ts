import { write, writeSync } from 'node:fs';

import type { Clock, Timer } from '../core/clock.ts';
import { errorCode } from '../core/errors.ts';
import { closeOutput, isStandard, openOutput, type LogOutput, type OpenOutput } from './output.ts';

/** How soon a full pipe is tried again. */
const FULL_RETRY_MS = 20;
/** How soon after an error that may pass, as of a full disk. */
const FAILED_RETRY_MS = 1000;
/** How often flushSync tries a full pipe, FULL_RETRY_MS apart, before it gives up what is left. */
const SYNC_RETRIES = 10;

/**
 * Writes lines to one output in the order they came, by one write at a time in libuv's pool; what comes meanwhile is
 * the next write. pino's own destination would do but for three traits that a daemon cannot have: when the process
 * ends it waits for ever on a full pipe, a reopen that fails loses the old file, and a failed write is tried again
 * only when the next line comes.
 */
export class LineWriter {
  /** Each is called when writing begins to fail, and again only after it worked in between. */
  readonly onFailure = new Set<(error: Error) => void>();
  readonly #output: LogOutput;
  readonly #clock: Clock;
  #open: OpenOutput;
  /** Opened by `reopen` while a write was on its way to the old one. */
  #next: OpenOutput | undefined;
  #lines: string[] = [];
  /** What the current write has yet to write; empty when there is none. */
  #chunk: Buffer = Buffer.alloc(0);
  #isWriting = false;
  #retry: Timer | undefined;
  #pendingBytes = 0;
  #state: 'well' | 'failing' | 'gone' | 'closed' = 'well';
  #waiting: (() => void)[] = [];

  /** @throws TslbError TSLB_LOG_OUTPUT */
  constructor(output: LogOutput, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
    this.#open = openOutput(output);
  }

  /** @returns false when the line is dropped: `maxBytes` are waiting already, or the reader is gone */
  write(line: string, maxBytes: number): boolean {
    const bytes = Buffer.byteLength(line);
    if (this.#state === 'gone' || this.#state === 'closed' || this.#pendingBytes + bytes > maxBytes) return false;
    this.#pendingBytes += bytes;
    this.#lines.push(line);
    this.#writeNext();
    return true;
  }

  /** Resolves when nothing is waiting, or when what waits cannot be written for now. */
  drained(): Promise<void> {
    if (this.#pendingBytes === 0 || this.#state !== 'well') return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** @throws TslbError TSLB_LOG_OUTPUT; the old file stays in use then */
  reopen(): void {
    if (isStandard(this.#output) || this.#state === 'closed') return;
    const next = openOutput(this.#output);
    if (this.#next) closeOutput(this.#next);
    this.#next = next;
    if (!this.#isWriting) this.#switchOver();
  }

  /** Writes what waits now. What the pool is writing at this moment it finishes, maybe after the lines of this call. */
  flushSync(): void {
    const rest = Buffer.from(this.#lines.join(''));
    let left = this.#isWriting ? rest : Buffer.concat([this.#chunk, rest]);
    this.#lines = [];
    if (!this.#isWriting) this.#chunk = Buffer.alloc(0);
    this.#pendingBytes = this.#chunk.length;
    for (let tries = 0; left.length > 0 && tries < SYNC_RETRIES;) {
      try {
        left = left.subarray(writeSync(this.#open.fd, left));
      } catch (thrown) {
        if (errorCode(thrown) !== 'EAGAIN') return;
        tries++;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_RETRY_MS);
      }
    }
    if (this.#pendingBytes === 0) this.#resolveWaiting();
  }

  /** Lines that still wait are lost. */
  close(): void {
    this.#giveUp('closed');
    if (this.#next) closeOutput(this.#next);
    this.#next = undefined;
    if (!this.#isWriting) closeOutput(this.#open);
  }

  #writeNext(): void {
    if (this.#isWriting || this.#retry) return;
    if (this.#chunk.length === 0) {
      this.#chunk = Buffer.from(this.#lines.join(''));
      this.#lines = [];
    }
    if (this.#chunk.length === 0) return;
    this.#isWriting = true;
    write(this.#open.fd, this.#chunk, (error, written) => {
      this.#isWriting = false;
      if (this.#state === 'closed') closeOutput(this.#open);
      else if (error) this.#failed(error);
      else this.#wrote(written);
    });
  }

  #wrote(bytes: number): void {
    this.#state = 'well';
    this.#pendingBytes -= bytes;
    this.#chunk = this.#chunk.subarray(bytes);
    if (this.#next && this.#chunk.length === 0) this.#switchOver();
    if (this.#pendingBytes === 0) this.#resolveWaiting();
    this.#writeNext();
  }

  #failed(error: Error): void {
    const code = errorCode(error);
    if (this.#next) {
      this.#switchOver();
    } else if (code === 'EAGAIN') {
      this.#retryAfter(FULL_RETRY_MS);
    } else {
      if (this.#state !== 'failing') for (const tell of this.onFailure) tell(error);
      if (code === 'EPIPE') {
        this.#giveUp('gone');
      } else {
        this.#state = 'failing';
        this.#resolveWaiting();
        this.#retryAfter(FAILED_RETRY_MS);
      }
    }
  }

  #retryAfter(ms: number): void {
    this.#retry = this.#clock.after(ms, () => {
      this.#retry = undefined;
      this.#writeNext();
    });
  }

  #switchOver(): void {
    if (!this.#next) return;
    closeOutput(this.#open);
    this.#open = this.#next;
    this.#next = undefined;
    this.#state = 'well';
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#writeNext();
  }

  #giveUp(state: 'gone' | 'closed'): void {
    this.#state = state;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#lines = [];
    this.#chunk = Buffer.alloc(0);
    this.#pendingBytes = 0;
    this.#resolveWaiting();
  }

  #resolveWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
