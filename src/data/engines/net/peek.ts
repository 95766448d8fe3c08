import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../core/clock.ts';
import { MOST_PEEKED_BYTES, type Peeker, type PeekOptions, type PeekResult } from '../../../core/engine.ts';

/**
 * The first bytes of a client, taken from its stream and held for the relay: a stream tells of its end only when all was
 * read from it, and takes nothing back after that. What comes while no peek is under way stays in the stream.
 */
export class Peek {
  readonly #socket: Socket;
  readonly #clock: Clock;
  #chunks: Buffer[] = [];
  #length = 0;
  /** While one is under way. */
  #wanted: PeekOptions | undefined;
  #peeker: Peeker | undefined;
  #limit: Timer | undefined;
  readonly #read = (): void => this.#look();

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  start(wanted: PeekOptions, peeker: Peeker): void {
    this.stop();
    this.#wanted = wanted;
    this.#peeker = peeker;
    const ms = Math.max(0, wanted.deadline - this.#clock.now());
    this.#limit = this.#clock.after(ms, () => this.#answer('timeout'));
    this.#socket.on('readable', this.#read);
    this.#socket.on('end', this.#read);
    // Of what is there already no event may come any more.
    this.#clock.after(0, this.#read);
  }

  /** What was read is kept. */
  stop(): void {
    if (this.#wanted === undefined) return;
    this.#wanted = this.#peeker = undefined;
    this.#limit?.cancel();
    this.#socket.off('readable', this.#read);
    this.#socket.off('end', this.#read);
  }

  /** Whether it has bytes that the stream has no more. */
  get hasBytes(): boolean {
    return this.#length > 0;
  }

  /** All that it has. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks, this.#length);
  }

  /** Drops the first bytes. @returns how many there were */
  take(length: number): number {
    const { bytes } = this;
    const taken = Math.min(length, bytes.length);
    this.#chunks = [bytes.subarray(taken)];
    this.#length -= taken;
    return taken;
  }

  #look(): void {
    if (this.#wanted === undefined) return;
    const { atLeast } = this.#wanted;
    if (atLeast > MOST_PEEKED_BYTES) return this.#answer('too-many');
    while (this.#length < atLeast) {
      const chunk = this.#socket.read() as Buffer | null;
      if (chunk === null) break;
      this.#chunks.push(chunk);
      this.#length += chunk.length;
    }
    if (this.#length >= atLeast) this.#answer('enough');
    else if (this.#socket.readableEnded) this.#answer('finished');
  }

  #answer(result: PeekResult): void {
    const peeker = this.#peeker;
    this.stop();
    peeker?.peeked(this.bytes, result);
  }
}
