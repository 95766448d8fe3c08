import type { Socket } from 'node:net';

type Done = (error?: Error | null) => void;

/**
 * The sending half of a socket. A peer that resets a connection leaves what it had sent before in our kernel's receive
 * queue, but Node destroys a socket, and that queue with it, when a write fails. So the failure is kept from the
 * stream, which can then be read to its end: what is written from there on is dropped. Bytes are counted here, because
 * `bytesWritten` walks through the stream's buffer, which throws while that is being written: when a write fails.
 */
export class WritableHalf {
  readonly #onFailed: () => void;
  readonly #onWritten: Done = (error) => this.#written(error);
  /** Of the write under way; a stream makes one at a time. */
  #done: Done = () => undefined;
  #length = 0;
  #deliveredBytes = 0;
  #hasFailed = false;

  /** @param onFailed called once, when a write failed because the peer is gone */
  constructor(socket: Socket, onFailed: () => void) {
    this.#onFailed = onFailed;
    // What a class of stream defines, wrapped for this one socket: net.Server gives no other way to have its own class.
    const write = socket._write.bind(socket);
    const writev = socket._writev?.bind(socket);
    socket._write = (chunk: Buffer, encoding, done: Done) => {
      if (this.#begin(chunk.length, done)) write(chunk, encoding, this.#onWritten);
    };
    if (writev === undefined) return;
    socket._writev = (chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: Done) => {
      const length = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0);
      if (this.#begin(length, done)) writev(chunks, this.#onWritten);
    };
  }

  /** Does not count so many bytes, which are to be written next. */
  leaveOut(bytes: number): void {
    this.#deliveredBytes -= bytes;
  }

  /** Bytes that the kernel has taken, less those that do not count: below 0 until it has taken these. */
  get deliveredBytes(): number {
    return this.#deliveredBytes;
  }

  /** @returns false when the peer is gone */
  #begin(length: number, done: Done): boolean {
    this.#done = done;
    this.#length = length;
    if (!this.#hasFailed) return true;
    done();
    return false;
  }

  #written(error: Error | null | undefined): void {
    const done = this.#done;
    if (!error) this.#deliveredBytes += this.#length;
    if (!error || !isPeerGone(error)) {
      done(error);
      return;
    }
    if (!this.#hasFailed) {
      this.#hasFailed = true;
      this.#onFailed();
    }
    done();
  }
}

/** Then the kernel has nothing more to come but what it has received, and ends the reading after it. */
function isPeerGone(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}
