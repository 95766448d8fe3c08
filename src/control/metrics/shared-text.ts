import type { Clock } from '../../core/clock.ts';

/** Connections that have not taken their answer, from which on those who ask share a text. */
const CROWD = 8;
/** For how long they share it. */
const SHARED_MS = 1000;

/**
 * A text that is made for whoever asks, and once for those who ask at the same time. Where many have not taken theirs, it
 * is made once a second: else clients that do not read could hold as many as there are connections.
 */
export class SharedText {
  readonly #make: () => Promise<string>;
  readonly #clock: Clock;
  readonly #answering: () => number;
  #last: { readonly bytes: Buffer; readonly at: number } | undefined;
  #running: Promise<Buffer> | undefined;

  /** @param answering connections with an answer under way, that of the present request among them */
  constructor(make: () => Promise<string>, clock: Clock, answering: () => number) {
    this.#make = make;
    this.#clock = clock;
    this.#answering = answering;
  }

  async bytes(): Promise<Buffer> {
    const last = this.#last;
    if (last !== undefined && this.#clock.now() - last.at < SHARED_MS && this.#answering() > CROWD) return last.bytes;
    return (this.#running ??= this.#made());
  }

  async #made(): Promise<Buffer> {
    try {
      const bytes = Buffer.from(await this.#make());
      this.#last = { bytes, at: this.#clock.now() };
      return bytes;
    } finally {
      this.#running = undefined;
    }
  }
}
