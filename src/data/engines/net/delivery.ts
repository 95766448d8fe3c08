import type { WritableHalf } from './writable-half.ts';

/** Tells what was delivered to the two sides of a relay. */
export class Delivery {
  readonly #toClient: WritableHalf;
  readonly #toBackend: WritableHalf;
  readonly #moved: (rxBytes: number, txBytes: number) => void;
  #rxBytes = 0;
  #txBytes = 0;

  /** @param moved told of bytes delivered to the client, and to the backend, since the last time */
  constructor(toClient: WritableHalf, toBackend: WritableHalf, moved: (rxBytes: number, txBytes: number) => void) {
    this.#toClient = toClient;
    this.#toBackend = toBackend;
    this.#moved = moved;
  }

  report(): void {
    const rxBytes = this.#toClient.deliveredBytes;
    const txBytes = Math.max(0, this.#toBackend.deliveredBytes);
    if (rxBytes === this.#rxBytes && txBytes === this.#txBytes) return;
    this.#moved(rxBytes - this.#rxBytes, txBytes - this.#txBytes);
    this.#rxBytes = rxBytes;
    this.#txBytes = txBytes;
  }
}
