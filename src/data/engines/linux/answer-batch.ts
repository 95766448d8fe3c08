import { writeSegmentSize } from './datagram-sender.ts';
import { BROKEN } from './libc-descriptors.ts';
import type { Libc } from './libc.ts';
import * as layout from './message-layout.ts';
import { NativeMemory } from './native-memory.ts';

/** Datagrams that wait at most until they are sent. */
export const MOST_WAITING = 64;

/** A client as sendmmsg(2) wants it. */
export interface Answered {
  /** Address of its struct sockaddr. */
  readonly nameAddress: number;
  readonly nameBytes: number;
  /** The control message with the address of ours that it is answered from; 0 bytes where that is the socket's. */
  readonly control: NativeMemory;
  readonly controlAt: number;
  readonly controlBytes: number;
  /** Whether many datagrams can leave to it as one message. */
  takesJoined: boolean;
  /** An answer was not sent, also not the second time. */
  lost(bytes: number): void;
}

/** Datagrams for many clients, which leave through one socket by one call. */
export class AnswerBatch {
  readonly #libc: Libc;
  readonly #buffers: NativeMemory;
  readonly #headers: NativeMemory;
  readonly #pieces: NativeMemory;
  readonly #control: NativeMemory;
  readonly #clients: (Answered | undefined)[] = new Array<undefined>(MOST_WAITING).fill(undefined);
  /** By message: bytes of each of its datagrams but the last; 0 where it is one. */
  readonly #segmentBytes = new Int32Array(MOST_WAITING);
  /** By message: of its pieces. Where the next message would begin stands behind the last. */
  readonly #firstPiece = new Int32Array(MOST_WAITING + 1);
  #messages = 0;
  #pieceCount = 0;
  #buffersUsed = 0;
  #fd = -1;
  /** Of the last message, where another datagram may join it: bytes of its first one and of all; else 0. */
  #openBytes = 0;
  #lastBytes = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#buffers = new NativeMemory(libc, MOST_WAITING * layout.BUFFER_STRIDE);
    this.#headers = new NativeMemory(libc, MOST_WAITING * layout.HEADER_BYTES);
    this.#pieces = new NativeMemory(libc, MOST_WAITING * layout.PIECE_BYTES);
    this.#control = new NativeMemory(libc, MOST_WAITING * layout.CONTROL_BYTES);
  }

  get isEmpty(): boolean {
    return this.#messages === 0;
  }

  /** What is added from here on leaves through this socket; what was added before is sent. */
  through(fd: number): void {
    if (fd === this.#fd) return;
    this.flush();
    this.#fd = fd;
  }

  /** Before the socket is closed: what has its number next is another. */
  forget(fd: number): void {
    if (fd !== this.#fd) return;
    this.flush();
    this.#fd = -1;
  }

  /** Memory for so many datagrams, BUFFER_STRIDE apart; what waits is sent if there is no room else. */
  buffersFor(count: number): number {
    if (this.#buffersUsed + count > MOST_WAITING) this.flush();
    return this.#buffers.address + this.#buffersUsed * layout.BUFFER_STRIDE;
  }

  /** So many of the buffers hold something now. */
  use(count: number): void {
    this.#buffersUsed += count;
  }

  /** @param at address of the bytes, in a buffer that is used @param segmentBytes 0, or of each that is joined in them */
  add(client: Answered, at: number, length: number, segmentBytes: number): void {
    const piece = this.#pieceCount * layout.PIECE_WORDS;
    this.#pieces.setPointer(piece, at);
    this.#pieces.words[piece + layout.PIECE_LENGTH] = length;
    this.#pieceCount += 1;
    if (segmentBytes > 0 || !this.#join(client, length)) this.#append(client, length, segmentBytes);
  }

  /** Sends what waits. */
  flush(): void {
    const count = this.#messages;
    for (let done = 0; done < count;) {
      const sent = this.#libc.sendMany(this.#fd, this.#headers.address + done * layout.HEADER_BYTES, count - done);
      if (sent > 0) done += sent;
      else this.#sendAgain(done++, sent);
    }
    for (let index = 0; index < count; index++) this.#clients[index] = undefined;
    this.#messages = this.#pieceCount = this.#buffersUsed = this.#openBytes = 0;
  }

  #append(client: Answered, length: number, segmentBytes: number): void {
    const index = this.#messages++;
    const { words } = this.#headers;
    const header = index * layout.HEADER_WORDS;
    this.#clients[index] = client;
    this.#segmentBytes[index] = 0;
    this.#firstPiece[index] = this.#pieceCount - 1;
    this.#firstPiece[index + 1] = this.#pieceCount;
    this.#headers.setPointer(header + layout.NAME, client.nameAddress);
    words[header + layout.NAME_LENGTH] = client.nameBytes;
    this.#headers.setPointer(header + layout.PIECES, this.#addressOfPiece(this.#pieceCount - 1));
    words[header + layout.PIECE_COUNT] = 1;
    this.#setControl(index, client);
    this.#openBytes = segmentBytes === 0 && client.takesJoined ? length : 0;
    this.#lastBytes = length;
    if (segmentBytes > 0) this.#setSegment(index, segmentBytes);
  }

  /** Datagrams of one size, the last of which may be shorter, leave as one message. */
  #join(client: Answered, length: number): boolean {
    const last = this.#messages - 1;
    if (this.#openBytes === 0 || length === 0 || length > this.#openBytes || this.#clients[last] !== client)
      return false;
    if (this.#lastBytes + length > layout.MOST_PAYLOAD_BYTES) return false;
    if (this.#segmentBytes[last] === 0) this.#setSegment(last, this.#openBytes);
    if (length < this.#openBytes) this.#openBytes = 0;
    this.#lastBytes += length;
    this.#firstPiece[last + 1] = this.#pieceCount;
    this.#headers.words[last * layout.HEADER_WORDS + layout.PIECE_COUNT]! += 1;
    return true;
  }

  #setControl(index: number, client: Answered): void {
    const header = index * layout.HEADER_WORDS;
    this.#headers.setPointer(header + layout.CONTROL, client.control.address + 4 * client.controlAt);
    this.#headers.words[header + layout.CONTROL_LENGTH] = client.controlBytes;
  }

  /** A message with a size has control memory of its own: the address to answer from, if there is one, and the size. */
  #setSegment(index: number, segmentBytes: number): void {
    const { control, controlAt, controlBytes } = this.#clients[index]!;
    const header = index * layout.HEADER_WORDS;
    const at = index * layout.CONTROL_WORDS;
    this.#segmentBytes[index] = segmentBytes;
    for (let word = 0; word < controlBytes / 4; word++)
      this.#control.words[at + word] = control.words[controlAt + word]!;
    writeSegmentSize(this.#control.words, at + controlBytes / 4, segmentBytes);
    this.#headers.setPointer(header + layout.CONTROL, this.#control.address + 4 * at);
    this.#headers.words[header + layout.CONTROL_LENGTH] = controlBytes + layout.SEGMENT_BYTES;
  }

  /** A message that the kernel did not take: many datagrams one by one, a single one once more. */
  #sendAgain(index: number, word: number): void {
    const client = this.#clients[index]!;
    // The others say that there is no room at the moment.
    if (this.#segmentBytes[index]! > 0 && word === BROKEN) client.takesJoined = false;
    this.#setControl(index, client);
    this.#headers.words[index * layout.HEADER_WORDS + layout.PIECE_COUNT] = 1;
    for (let piece = this.#firstPiece[index]!; piece < this.#firstPiece[index + 1]!; piece++)
      this.#sendPiece(client, index, piece);
  }

  /** A piece may be of many datagrams, too. */
  #sendPiece(client: Answered, index: number, piece: number): void {
    const { words } = this.#pieces;
    const at = piece * layout.PIECE_WORDS;
    const header = this.#headers.address + index * layout.HEADER_BYTES;
    let address = this.#pieces.pointer(at);
    let left = words[at + layout.PIECE_LENGTH]!;
    const most = this.#segmentBytes[index]! || left;
    this.#headers.setPointer(index * layout.HEADER_WORDS + layout.PIECES, this.#addressOfPiece(piece));
    do {
      const length = Math.min(left, most);
      this.#pieces.setPointer(at, address);
      words[at + layout.PIECE_LENGTH] = length;
      if (this.#libc.sendMessage(this.#fd, header) < 0 && this.#libc.sendMessage(this.#fd, header) < 0)
        client.lost(length);
      address += length;
      left -= length;
    } while (left > 0);
  }

  #addressOfPiece(index: number): number {
    return this.#pieces.address + index * layout.PIECE_BYTES;
  }
}
