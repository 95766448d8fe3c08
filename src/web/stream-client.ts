import type { ServerResponse } from 'node:http';

/** Bytes that may wait for a client to read: from here on it does without what may be skipped. */
const BEHIND_BYTES = 1_048_576;
/** From here on it is dropped, also for what may not be skipped. */
const LOST_BYTES = 4 * BEHIND_BYTES;
/** Messages that may wait, of those that may be skipped: more would tell of the past. */
const BEHIND_MESSAGES = 2;
/** How long a client may be behind. */
const LOST_MS = 30_000;

/** One client of a stream. One that does not read does without messages, and is dropped after 30 seconds of it. */
export class StreamClient {
  readonly wants: (event: string) => boolean;
  readonly #response: ServerResponse;
  /** Written and not yet taken by the kernel. */
  #waiting = 0;
  #behindSince: number | undefined;
  #hasHeard = false;

  constructor(response: ServerResponse, wants: (event: string) => boolean) {
    this.#response = response;
    this.wants = wants;
  }

  /** @param now by the clock, in milliseconds */
  send(bytes: Buffer, isSkippable: boolean, now: number): void {
    if (this.#isLost(now)) this.#response.destroy();
    else if (!isSkippable || !this.#isBehind) this.write(bytes);
  }

  /** A sign of life, for those that have heard nothing since the last one. */
  beat(bytes: Buffer, now: number): void {
    if (this.#isLost(now)) this.#response.destroy();
    else if (!this.#hasHeard && this.#waiting === 0) this.write(bytes);
    this.#hasHeard = false;
  }

  write(bytes: Buffer): void {
    // A dropped client leaves in the next turn; a write until then would raise an error without a listener.
    if (this.#response.destroyed) return;
    this.#waiting += 1;
    this.#hasHeard = true;
    this.#response.write(bytes, this.#written);
  }

  /** One function for all writes. */
  readonly #written = (): void => {
    this.#waiting -= 1;
  };

  get #isBehind(): boolean {
    return this.#waiting >= BEHIND_MESSAGES || this.#response.writableLength > BEHIND_BYTES;
  }

  #isLost(now: number): boolean {
    if (this.#response.writableLength > LOST_BYTES) return true;
    if (!this.#isBehind) {
      this.#behindSince = undefined;
      return false;
    }
    this.#behindSince ??= now;
    return now - this.#behindSince >= LOST_MS;
  }
}
