/** As much of a session is kept to be sent again: a question or two. */
const MOST_BYTES = 2_048;
/** A client has asked again by then. */
const FOR_MS = 1_000;

/** The last datagrams of a client that were not answered, in case that their backend turns out to be gone. */
export class Unanswered {
  #datagrams: Buffer[] = [];
  #bytes = 0;
  #lastAt = 0;

  keep(datagram: Buffer, now: number): void {
    if (datagram.length > MOST_BYTES) return this.clear();
    if (now - this.#lastAt >= FOR_MS) this.clear();
    this.#lastAt = now;
    this.#datagrams.push(datagram);
    this.#bytes += datagram.length;
    while (this.#bytes > MOST_BYTES) this.#bytes -= this.#datagrams.shift()?.length ?? 0;
    // Empty ones weigh nothing.
    if (this.#datagrams.length > 64) this.#datagrams.shift();
  }

  clear(): void {
    if (this.#datagrams.length === 0) return;
    this.#datagrams = [];
    this.#bytes = 0;
  }

  /** @returns those that may be sent again, which are kept no more */
  take(now: number): Buffer[] {
    const kept = now - this.#lastAt < FOR_MS ? this.#datagrams : [];
    this.#datagrams = [];
    this.#bytes = 0;
    return kept;
  }
}
