import type { Socket } from 'node:net';
import { systemClock } from '../../../core/clock.ts';
import { errorCode } from '../../../core/errors.ts';
import { hasVanished, reset } from './socket-end.ts';

type Done = (error?: Error | null) => void;

const EMPTY = Buffer.alloc(0);

/** Of what it sends. */
export interface WritableHalfOwner {
  /** Called once, when a write failed because the peer is gone. @param code the system's */
  writeFailed(code: string): void;
  /** The end of stream is in the kernel, behind all bytes. The stream hears of it by `release`. */
  finishSent(): void;
}

/**
 * The sending half of a socket. A peer that resets a connection leaves what it had sent before in our kernel's receive
 * queue, but Node destroys a socket, and that queue with it, when a write fails. So the failure is kept from the
 * stream, which can then be read to its end: what is written from there on is dropped. Bytes are counted here, because
 * `bytesWritten` walks through the stream's buffer, which throws while that is being written: when a write fails.
 *
 * A stream that has ended both ways closes its socket, which the kernel then keeps for as long as the peer lives and
 * takes none of what is queued. So the end of sending is kept from the stream, too, until it is released.
 */
export class WritableHalf {
  /** Whether the time of its bytes is noted, which costs a look at the clock for each chunk. */
  isTimed = false;
  /** When the last bytes were handed to it, where that is noted: they were received from the other side right before. */
  begunAt = 0;
  readonly #socket: Socket;
  readonly #owner: WritableHalfOwner;
  readonly #onWritten: Done = (error) => this.#written(error);
  /** Of the write under way; a stream makes one at a time. */
  #done: Done = () => undefined;
  #length = 0;
  #takenBytes = 0;
  #leftOut = 0;
  #hasFailed = false;
  #isShuttingDown = false;
  #isResetLater = false;
  /** Of the end of sending. */
  #released: Done | undefined;
  #flushed: (() => void) | undefined;

  constructor(socket: Socket, owner: WritableHalfOwner) {
    this.#socket = socket;
    this.#owner = owner;
    // What a class of stream defines, wrapped for this one socket: net.Server gives no other way to have its own class.
    const write = socket._write.bind(socket);
    const writev = socket._writev?.bind(socket);
    const final = socket._final.bind(socket);
    socket._write = (chunk: Buffer, encoding, done: Done) => {
      if (this.#begin(chunk.length, done)) write(chunk, encoding, this.#onWritten);
    };
    socket._final = (done: Done) => {
      this.#isShuttingDown = true;
      final((error) => this.#finished(error, done));
    };
    if (writev === undefined) return;
    socket._writev = (chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: Done) => {
      const length = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0);
      if (this.#begin(length, done)) writev(chunks, this.#onWritten);
    };
  }

  /** Does not count so many bytes, which are to be written next. */
  leaveOut(bytes: number): void {
    this.#leftOut += bytes;
  }

  /** Bytes that the kernel has taken, less those that do not count: below 0 until it has taken these. */
  get deliveredBytes(): number {
    return this.#takenBytes - this.#leftOut;
  }

  /** All that the kernel has taken; an end of stream is one more, as the peer acknowledges it. */
  get takenBytes(): number {
    return this.hasFinished ? this.#takenBytes + 1 : this.#takenBytes;
  }

  /** The kernel has its end of stream. */
  get hasFinished(): boolean {
    return this.#released !== undefined;
  }

  /** There are bytes that the kernel has not taken. */
  get hasPending(): boolean {
    return this.#socket.writableLength > 0;
  }

  /** Lets the stream know that it has sent all. */
  release(): void {
    this.#released?.();
  }

  /** @param done called when the kernel has taken all, perhaps at once; never when the socket is destroyed before */
  whenFlushed(done: () => void): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    if (this.hasFinished || (!this.hasPending && !socket.writableEnded)) done();
    else if (socket.writableEnded) this.#flushed = done;
    else socket.write(EMPTY, (error) => (error ? undefined : done()));
  }

  /** Resets the connection. While a shutdown is under way, for a turn of the loop, libuv refuses that: it comes after. */
  reset(): void {
    if (this.#isShuttingDown && !this.#socket.destroyed) this.#isResetLater = true;
    else reset(this.#socket);
  }

  /** @returns false when the peer is gone */
  #begin(length: number, done: Done): boolean {
    if (this.isTimed) this.begunAt = systemClock.now();
    this.#done = done;
    this.#length = length;
    if (!this.#hasFailed) return true;
    done();
    return false;
  }

  #written(error: Error | null | undefined): void {
    const done = this.#done;
    if (!error) this.#takenBytes += this.#length;
    if (!error || !isPeerGone(errorCode(error))) {
      done(error);
      return;
    }
    if (!this.#hasFailed) {
      this.#hasFailed = true;
      this.#owner.writeFailed(errorCode(error));
    }
    done();
  }

  #finished(error: Error | null | undefined, done: Done): void {
    this.#isShuttingDown = false;
    if (this.#isResetLater) return reset(this.#socket);
    if (error) return done(error);
    this.#released = done;
    this.#flushed?.();
    this.#owner.finishSent();
  }
}

/** Then the kernel has nothing more to come but what it has received, and ends the reading after it. */
function isPeerGone(code: string): boolean {
  return code === 'EPIPE' || code === 'ECONNRESET' || hasVanished(code);
}
