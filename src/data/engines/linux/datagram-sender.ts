import type { Libc } from './libc.ts';
import * as layout from './message-layout.ts';
import { NativeMemory } from './native-memory.ts';

/** Sends to connected sockets what `send` alone cannot: two pieces as one datagram, and many datagrams as one message. */
export class DatagramSender {
  readonly #libc: Libc;
  readonly #header: NativeMemory;
  readonly #pieces: NativeMemory;
  readonly #control: NativeMemory;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#header = new NativeMemory(libc, layout.HEADER_BYTES);
    this.#pieces = new NativeMemory(libc, 2 * layout.PIECE_BYTES);
    this.#control = new NativeMemory(libc, layout.CONTROL_BYTES);
    writeSegmentSize(this.#control.words, 0, 0);
    this.#header.setPointer(layout.CONTROL, this.#control.address);
  }

  /** One datagram of two parts. @returns as Libc.sendAt */
  sendBehind(fd: number, preface: NativeMemory, at: number, length: number): number {
    this.#setPiece(0, preface.address, preface.bytes.length);
    this.#setPiece(layout.PIECE_WORDS, at, length);
    return this.#send(fd, this.#pieces.address, 2, 0);
  }

  /** Datagrams of one size, the last may be shorter, that follow each other in memory. @returns as Libc.sendAt */
  sendJoined(fd: number, at: number, length: number, segmentBytes: number): number {
    this.#setPiece(0, at, length);
    return this.#send(fd, this.#pieces.address, 1, segmentBytes);
  }

  /** As sendJoined, of datagrams that are anywhere. @param pieces address of their struct iovec */
  sendPieces(fd: number, pieces: number, count: number, segmentBytes: number): number {
    return this.#send(fd, pieces, count, segmentBytes);
  }

  #send(fd: number, pieces: number, count: number, segmentBytes: number): number {
    const { words } = this.#header;
    this.#header.setPointer(layout.PIECES, pieces);
    words[layout.PIECE_COUNT] = count;
    words[layout.CONTROL_LENGTH] = segmentBytes === 0 ? 0 : layout.SEGMENT_BYTES;
    this.#control.words[layout.CMSG_DATA] = segmentBytes;
    return this.#libc.sendMessage(fd, this.#header.address);
  }

  #setPiece(word: number, at: number, length: number): void {
    this.#pieces.setPointer(word, at);
    this.#pieces.words[word + layout.PIECE_LENGTH] = length;
  }
}

/** A control message that has the kernel cut a message into datagrams of so many bytes: UDP_SEGMENT of udp(7). */
export function writeSegmentSize(words: Uint32Array, at: number, segmentBytes: number): void {
  words[at] = layout.SEGMENT_LENGTH;
  words[at + 1] = 0;
  words[at + layout.CMSG_LEVEL] = layout.SEGMENT_LEVEL;
  words[at + layout.CMSG_TYPE] = layout.SEGMENT_TYPE;
  words[at + layout.CMSG_DATA] = segmentBytes;
}
