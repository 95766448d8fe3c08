import type { Socket } from 'node:net';

type Done = (error?: Error | null) => void;

/**
 * The sending half of a socket. A peer that resets a connection leaves what it had sent before in our kernel's receive
 * queue, but Node destroys a socket, and that queue with it, when a write fails. So the failure is kept from the
 * stream, which can then be read to its end: what is written from there on is dropped.
 */
export class Outlet {
  readonly #socket: Socket;
  readonly #onFailed: () => void;
  readonly #settle: Done = (error) => this.#settled(error);
  /** Of the write under way; a stream makes one at a time. */
  #done: Done = () => undefined;
  /** Set when a write has failed. */
  #lastBytes: number | undefined;

  /** @param onFailed called once, when a write failed because the peer is gone */
  constructor(socket: Socket, onFailed: () => void) {
    this.#socket = socket;
    this.#onFailed = onFailed;
    // What a class of stream defines, wrapped for this one socket: net.Server gives no other way to have its own class.
    const write = socket._write.bind(socket);
    const writev = socket._writev?.bind(socket);
    socket._write = (chunk, encoding, done: Done) => {
      if (this.#begin(done)) write(chunk, encoding, this.#settle);
    };
    if (writev === undefined) return;
    socket._writev = (chunks, done: Done) => {
      if (this.#begin(done)) writev(chunks, this.#settle);
    };
  }

  /** Bytes that the kernel has taken. */
  get deliveredBytes(): number {
    return this.#lastBytes ?? this.#socket.bytesWritten - this.#socket.writableLength;
  }

  /** What is not delivered now never will be: the socket is about to be destroyed. */
  stop(): void {
    this.#lastBytes ??= this.deliveredBytes;
  }

  /** @returns false when there is nobody to write to any more */
  #begin(done: Done): boolean {
    this.#done = done;
    if (this.#lastBytes === undefined) return true;
    done();
    return false;
  }

  #settled(error: Error | null | undefined): void {
    const done = this.#done;
    if (!error || !isPeerGone(error)) {
      done(error);
      return;
    }
    if (this.#lastBytes === undefined) {
      this.#lastBytes = this.deliveredBytes;
      this.#onFailed();
    }
    done();
  }
}

/** Then the kernel has nothing more to come but what it has received, and ends the reading after it. */
function isPeerGone(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}
