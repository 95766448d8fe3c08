/** Datagrams and bytes that a session holds while it has no backend; one is held whatever its size. */
const MOST_HELD = 16;
const MOST_HELD_BYTES = 128 * 1024;

interface HeldDatagram {
  readonly bytes: Uint8Array;
  /** When it came, in milliseconds of the engine's clock. */
  readonly at: number;
  /** It was reported as delivered to a backend that is gone. */
  readonly isCounted: boolean;
}

/** The datagrams of a client that wait until its session has a backend. */
export class HeldDatagrams {
  #all: HeldDatagram[] = [];
  #bytes = 0;
  /** Those that were not delivered before. */
  fresh = 0;

  /** @returns false when there is no room */
  add(bytes: Uint8Array, at: number, isCounted: boolean): boolean {
    if (this.#all.length === MOST_HELD) return false;
    if (this.#all.length > 0 && this.#bytes + bytes.length > MOST_HELD_BYTES) return false;
    this.#all.push({ bytes, at, isCounted });
    this.#bytes += bytes.length;
    if (!isCounted) this.fresh += 1;
    return true;
  }

  /** In the order in which they came; then none is held. */
  takeAll(): readonly HeldDatagram[] {
    const all = this.#all;
    this.#all = [];
    this.#bytes = this.fresh = 0;
    return all;
  }
}
