import * as kernel from './kernel.ts';
import type { Libc } from './libc.ts';
import * as layout from './message-layout.ts';
import { NativeMemory } from './native-memory.ts';

/** Datagrams that are taken from one connected socket at once. */
export const MOST_OF_ONE = 16;

/** Takes datagrams from a connected socket into memory that others own. */
export class TakeBatch {
  readonly #libc: Libc;
  readonly #headers: NativeMemory;
  readonly #pieces: NativeMemory;
  readonly #control: NativeMemory;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#headers = new NativeMemory(libc, MOST_OF_ONE * layout.HEADER_BYTES);
    this.#pieces = new NativeMemory(libc, MOST_OF_ONE * layout.PIECE_BYTES);
    this.#control = new NativeMemory(libc, MOST_OF_ONE * layout.CONTROL_BYTES);
    for (let index = 0; index < MOST_OF_ONE; index++) this.#prepare(index);
  }

  /** @param into address of so many buffers, BUFFER_STRIDE apart @returns how many came, WOULD_BLOCK or BROKEN */
  take(fd: number, into: number): number {
    const { words } = this.#headers;
    for (let index = 0; index < MOST_OF_ONE; index++) {
      words[index * layout.HEADER_WORDS + layout.CONTROL_LENGTH] = layout.CONTROL_BYTES;
      this.#pieces.setPointer(index * layout.PIECE_WORDS, into + index * layout.BUFFER_STRIDE);
    }
    return this.#libc.receiveMany(fd, this.#headers.address, MOST_OF_ONE);
  }

  /** Bytes of the payload, or of all that are joined. */
  lengthOf(index: number): number {
    return this.#headers.words[index * layout.HEADER_WORDS + layout.LENGTH]!;
  }

  isCut(index: number): boolean {
    return (this.#headers.words[index * layout.HEADER_WORDS + layout.FLAGS]! & kernel.TRUNCATED) !== 0;
  }

  /** Bytes of each datagram where many are joined, else 0. */
  segmentOf(index: number): number {
    if (this.#headers.words[index * layout.HEADER_WORDS + layout.CONTROL_LENGTH] === 0) return 0;
    const { words } = this.#control;
    const at = index * layout.CONTROL_WORDS;
    if (layout.kindOf(words, at) !== layout.JOINED) return 0;
    const bytes = words[at + layout.CMSG_DATA]!;
    return bytes < this.lengthOf(index) ? bytes : 0;
  }

  #prepare(index: number): void {
    const header = index * layout.HEADER_WORDS;
    this.#headers.setPointer(header + layout.PIECES, this.#pieces.address + index * layout.PIECE_BYTES);
    this.#headers.words[header + layout.PIECE_COUNT] = 1;
    this.#headers.setPointer(header + layout.CONTROL, this.#control.address + index * layout.CONTROL_BYTES);
    this.#pieces.words[index * layout.PIECE_WORDS + layout.PIECE_LENGTH] = layout.BUFFER_BYTES;
  }
}
