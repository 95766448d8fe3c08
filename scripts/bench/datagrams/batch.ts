import type { UdpCalls } from './udp-calls.ts';

/** struct mmsghdr, iovec and sockaddr_in of a 64-bit Linux: recvmmsg(2). */
const MESSAGE_BYTES = 64;
const NAME_LENGTH_AT = 8;
const VECTOR_AT = 16;
const VECTOR_COUNT_AT = 24;
const LENGTH_AT = 56;
const VECTOR_BYTES = 16;
const NAME_BYTES = 16;

/** Datagrams with their senders, which one call receives and another sends back. */
export class Batch {
  readonly #calls: UdpCalls;
  readonly #capacity: number;
  readonly #datagramBytes: number;
  readonly #messages: Buffer;
  readonly #vectors: Buffer;
  readonly #names: Buffer;
  readonly #payload: Buffer;
  readonly #messageWords: Uint32Array;
  readonly #vectorWords: Uint32Array;

  constructor(calls: UdpCalls, capacity: number, datagramBytes: number) {
    this.#calls = calls;
    this.#capacity = capacity;
    this.#datagramBytes = datagramBytes;
    this.#messages = Buffer.alloc(capacity * MESSAGE_BYTES);
    this.#vectors = Buffer.alloc(capacity * VECTOR_BYTES);
    this.#names = Buffer.alloc(capacity * NAME_BYTES);
    this.#payload = Buffer.alloc(capacity * datagramBytes);
    this.#messageWords = words(this.#messages);
    this.#vectorWords = words(this.#vectors);
    const [vectors, names, payload] = [this.#vectors, this.#names, this.#payload].map((memory) =>
      calls.addressOf(memory),
    ) as [bigint, bigint, bigint];
    for (let index = 0; index < capacity; index++) {
      const message = this.#messages.subarray(index * MESSAGE_BYTES);
      message.writeBigUInt64LE(names + BigInt(index * NAME_BYTES), 0);
      message.writeBigUInt64LE(vectors + BigInt(index * VECTOR_BYTES), VECTOR_AT);
      message.writeBigUInt64LE(1n, VECTOR_COUNT_AT);
      this.#vectors.writeBigUInt64LE(payload + BigInt(index * datagramBytes), index * VECTOR_BYTES);
    }
    this.#reset(capacity);
  }

  /** @returns how many there were, 0 when there are none at the moment */
  receive(fd: number): number {
    return Math.max(0, this.#calls.receiveMany(fd, this.#messages, this.#capacity));
  }

  /** Bytes of one of those that were received last; joined datagrams are one. */
  bytes(index: number): number {
    return this.#messageWords[(index * MESSAGE_BYTES + LENGTH_AT) / 4] ?? 0;
  }

  /** Each to its sender. */
  sendBack(fd: number, count: number): void {
    for (let index = 0; index < count; index++) this.#setLength(index, this.bytes(index));
    for (let sent = 0; sent < count;) {
      const more = this.#calls.sendMany(fd, this.#messages.subarray(sent * MESSAGE_BYTES), count - sent);
      // One that cannot be sent is the client's loss.
      sent += Math.max(1, more);
    }
    this.#reset(count);
  }

  /** Sends a number to the sender of one of them. */
  answer(fd: number, index: number, value: number): void {
    this.#payload.writeDoubleLE(value, index * this.#datagramBytes);
    this.#setLength(index, 8);
    this.#calls.sendMany(fd, this.#messages.subarray(index * MESSAGE_BYTES), 1);
  }

  /** Has them receive again. */
  release(count: number): void {
    this.#reset(count);
  }

  #reset(count: number): void {
    for (let index = 0; index < count; index++) {
      this.#messageWords[(index * MESSAGE_BYTES + NAME_LENGTH_AT) / 4] = NAME_BYTES;
      this.#setLength(index, this.#datagramBytes);
    }
  }

  #setLength(index: number, bytes: number): void {
    this.#vectorWords[(index * VECTOR_BYTES + 8) / 4] = bytes;
  }
}

function words(memory: Buffer): Uint32Array {
  return new Uint32Array(memory.buffer, memory.byteOffset, memory.length / 4);
}
