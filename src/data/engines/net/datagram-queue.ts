const MOST = 32;
const MOST_BYTES = 128 * 1024;

/** Datagrams of one session that wait for its backend. */
export class DatagramQueue {
  #datagrams: Buffer[] = [];
  #bytes = 0;

  /** @returns false where it holds as much as it may */
  add(datagram: Buffer): boolean {
    if (this.#datagrams.length >= MOST || this.#bytes + datagram.length > MOST_BYTES) return false;
    this.#datagrams.push(datagram);
    this.#bytes += datagram.length;
    return true;
  }

  /** In the order in which they came. @returns all, which wait no more */
  takeAll(): readonly Buffer[] {
    const all = this.#datagrams;
    this.#datagrams = [];
    this.#bytes = 0;
    return all;
  }
}
