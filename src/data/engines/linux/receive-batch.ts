import * as kernel from './kernel.ts';
import type { Libc } from './libc.ts';
import * as layout from './message-layout.ts';
import { NativeMemory } from './native-memory.ts';

/** Datagrams that are taken from a socket at once. */
const MOST_AT_ONCE = 64;

const BUFFERS_BYTES = MOST_AT_ONCE * layout.BUFFER_STRIDE;

/** Of the datagrams that are kept a while: a second of 60,000 small ones. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** Memory that recvmmsg(2) fills: datagrams, where they came from, and what the kernel says of them besides. */
export class ReceiveBatch {
  /** Of the payloads. */
  readonly buffers: NativeMemory;
  /** struct sockaddr of the senders, NAME_WORDS each. */
  readonly names: NativeMemory;
  readonly control: NativeMemory;
  /** Of the message that `readControl` read: datagrams joined in it have so many bytes each; 0 where it is one. */
  segmentBytes = 0;
  /** The address that was asked, as words in `control`: none, 1 of IPv4 or 4 of IPv6. */
  localWords = 0;
  localAt = 0;
  /** The interface by which it came. */
  interfaceNumber = 0;
  readonly #libc: Libc;
  readonly #headers: NativeMemory;
  readonly #pieces: NativeMemory;
  readonly #bufferBytes: number;
  /** Of the last time. */
  #filled = MOST_AT_ONCE;
  #wasWithControl = false;
  /** Bytes that were kept ever. */
  #kept = 0;

  /** @param bufferBytes less than BUFFER_BYTES in tests */
  constructor(libc: Libc, bufferBytes = layout.BUFFER_BYTES) {
    this.#libc = libc;
    this.#bufferBytes = bufferBytes;
    this.buffers = new NativeMemory(libc, BUFFERS_BYTES + KEPT_BYTES);
    this.names = new NativeMemory(libc, MOST_AT_ONCE * layout.NAME_BYTES);
    this.control = new NativeMemory(libc, MOST_AT_ONCE * layout.CONTROL_BYTES);
    this.#headers = new NativeMemory(libc, MOST_AT_ONCE * layout.HEADER_BYTES);
    this.#pieces = new NativeMemory(libc, MOST_AT_ONCE * layout.PIECE_BYTES);
    for (let index = 0; index < MOST_AT_ONCE; index++) this.#prepare(index);
  }

  /** @param isWithControl whether the socket has options on that say something of each datagram @returns how many came */
  receive(fd: number, isWithControl: boolean): number {
    const { words } = this.#headers;
    const count = this.#wasWithControl === isWithControl ? this.#filled : MOST_AT_ONCE;
    const controlBytes = isWithControl ? layout.CONTROL_BYTES : 0;
    // The kernel has written there how much it used.
    for (let index = 0, at = 0; index < count; index++, at += layout.HEADER_WORDS) {
      words[at + layout.NAME_LENGTH] = layout.NAME_BYTES;
      words[at + layout.CONTROL_LENGTH] = controlBytes;
    }
    this.#wasWithControl = isWithControl;
    this.#filled = Math.max(0, this.#libc.receiveMany(fd, this.#headers.address, MOST_AT_ONCE));
    return this.#filled;
  }

  /** There may be more than came the last time. */
  get isFull(): boolean {
    return this.#filled === MOST_AT_ONCE;
  }

  /** Bytes of the payload, or of all that are joined. */
  lengthOf(index: number): number {
    return this.#headers.words[index * layout.HEADER_WORDS + layout.LENGTH]!;
  }

  /** It had more bytes than there is room for, which are lost. */
  isCut(index: number): boolean {
    return (this.#headers.words[index * layout.HEADER_WORDS + layout.FLAGS]! & kernel.TRUNCATED) !== 0;
  }

  /** struct sockaddr of the sender. */
  nameOf(index: number): Uint8Array {
    return this.names.bytes.subarray(index * layout.NAME_BYTES, (index + 1) * layout.NAME_BYTES);
  }

  addressOf(index: number): number {
    return this.buffers.address + index * layout.BUFFER_STRIDE;
  }

  /** Bytes of this memory. @param at their address */
  view(at: number, length: number): Uint8Array {
    const offset = at - this.buffers.address;
    return this.buffers.bytes.subarray(offset, offset + length);
  }

  /** Copies bytes of this memory to where they stay until some megabytes more were kept. @returns a ticket for `keptAt` */
  keep(at: number, length: number): number {
    const place = this.#placeFor(length);
    const offset = at - this.buffers.address;
    this.buffers.bytes.copyWithin(BUFFERS_BYTES + (place % KEPT_BYTES), offset, offset + length);
    return place;
  }

  /** As keep, of bytes that are elsewhere. */
  keepCopy(bytes: Uint8Array): number {
    const place = this.#placeFor(bytes.length);
    this.buffers.bytes.set(bytes, BUFFERS_BYTES + (place % KEPT_BYTES));
    return place;
  }

  /** @returns the address of what was kept, 0 where it is not there any more */
  keptAt(ticket: number): number {
    const isThere = this.#kept - ticket <= KEPT_BYTES;
    return isThere ? this.buffers.address + BUFFERS_BYTES + (ticket % KEPT_BYTES) : 0;
  }

  /** Where both came from one socket, and asked the same address. */
  isOfSameSender(one: number, other: number, isWithLocal: boolean): boolean {
    const words = this.names.words;
    const a = one * layout.NAME_WORDS;
    const b = other * layout.NAME_WORDS;
    if (words[a] !== words[b] || words[a + 1] !== words[b + 1]) return false;
    for (let word = 2; word < layout.NAME_WORDS; word++) if (words[a + word] !== words[b + word]) return false;
    return !isWithLocal || this.#haveSameControl(one, other);
  }

  /** Addresses and lengths of such messages in a row, for a send that takes them as one. @returns their address */
  piecesOf(first: number, count: number): number {
    const { words } = this.#pieces;
    for (let index = first; index < first + count; index++)
      words[index * layout.PIECE_WORDS + layout.PIECE_LENGTH] = this.lengthOf(index);
    return this.#pieces.address + first * layout.PIECE_BYTES;
  }

  /** After the pieces were used. */
  restorePieces(first: number, count: number): void {
    for (let index = first; index < first + count; index++)
      this.#pieces.words[index * layout.PIECE_WORDS + layout.PIECE_LENGTH] = this.#bufferBytes;
  }

  /** Reads what came beside a message. */
  readControl(index: number): void {
    const words = this.control.words;
    const header = index * layout.HEADER_WORDS;
    const first = index * layout.CONTROL_WORDS;
    const end = first + this.#headers.words[header + layout.CONTROL_LENGTH]! / 4;
    this.segmentBytes = this.localWords = 0;
    for (let at = first; at + layout.CMSG_DATA <= end;) {
      const kind = layout.kindOf(words, at);
      const data = at + layout.CMSG_DATA;
      if (kind === layout.PACKET_INFO) this.#noteLocal(1, data + 1, words[data]!);
      else if (kind === layout.PACKET_INFO6) this.#noteLocal(4, data, words[data + 4]!);
      else if (kind === layout.JOINED) this.segmentBytes = words[data]!;
      at += ((words[at]! + 7) >>> 3) << 1;
    }
    if (this.segmentBytes >= this.lengthOf(index)) this.segmentBytes = 0;
  }

  /** In one piece. */
  #placeFor(length: number): number {
    const offset = this.#kept % KEPT_BYTES;
    if (offset + length > KEPT_BYTES) this.#kept += KEPT_BYTES - offset;
    const place = this.#kept;
    this.#kept += length;
    return place;
  }

  #noteLocal(words: number, at: number, interfaceNumber: number): void {
    this.localWords = words;
    this.localAt = at;
    this.interfaceNumber = interfaceNumber;
  }

  #haveSameControl(one: number, other: number): boolean {
    const { words } = this.control;
    const a = one * layout.CONTROL_WORDS;
    const b = other * layout.CONTROL_WORDS;
    const used = this.#headers.words[one * layout.HEADER_WORDS + layout.CONTROL_LENGTH]! / 4;
    if (used * 4 !== this.#headers.words[other * layout.HEADER_WORDS + layout.CONTROL_LENGTH]) return false;
    for (let word = 0; word < used; word++) if (words[a + word] !== words[b + word]) return false;
    return true;
  }

  #prepare(index: number): void {
    const header = index * layout.HEADER_WORDS;
    const piece = index * layout.PIECE_WORDS;
    this.#headers.setPointer(header + layout.NAME, this.names.address + index * layout.NAME_BYTES);
    this.#headers.setPointer(header + layout.PIECES, this.#pieces.address + index * layout.PIECE_BYTES);
    this.#headers.words[header + layout.PIECE_COUNT] = 1;
    this.#headers.setPointer(header + layout.CONTROL, this.control.address + index * layout.CONTROL_BYTES);
    this.#pieces.setPointer(piece, this.addressOf(index));
    this.#pieces.words[piece + layout.PIECE_LENGTH] = this.#bufferBytes;
  }
}
