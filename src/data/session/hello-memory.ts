/** For the hellos of all clients of a thread that come in many pieces. Those that come in one or two need none of it. */
const MOST_BYTES = 32 * 1024 * 1024;
const FIRST_BYTES = 4 * 1024;

let usedBytes = 0;

const EMPTY = new Uint8Array(0);

/** The first bytes of one client, once they were taken from its socket: a buffer that grows as they come. */
export class HelloMemory {
  #buffer = EMPTY;
  #length = 0;

  /** @returns false when the clients of this thread hold as much as they may */
  add(bytes: Uint8Array): boolean {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length && !this.#grow(length)) return false;
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
    return true;
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** @returns what it had */
  free(): Uint8Array {
    const { bytes } = this;
    usedBytes -= this.#buffer.length;
    this.#buffer = EMPTY;
    this.#length = 0;
    return bytes;
  }

  #grow(length: number): boolean {
    let size = Math.max(FIRST_BYTES, this.#buffer.length);
    while (size < length) size *= 2;
    const more = size - this.#buffer.length;
    if (usedBytes + more > MOST_BYTES) return false;
    usedBytes += more;
    const buffer = new Uint8Array(size);
    buffer.set(this.bytes);
    this.#buffer = buffer;
    return true;
  }
}

/** What all of this thread hold. */
export function helloMemoryInUse(): number {
  return usedBytes;
}
