import type { DatagramOwner } from '../../../core/datagrams.ts';

/** What a session has delivered and not told of. */
export class DatagramTally {
  #rxBytes = 0;
  #txBytes = 0;
  #rx = 0;
  #tx = 0;

  /** To the client. */
  answered(bytes: number): void {
    this.#rxBytes += bytes;
    this.#rx += 1;
  }

  /** To the backend. */
  sent(bytes: number): void {
    this.#txBytes += bytes;
    this.#tx += 1;
  }

  /** They are sent once more, and were told of by nobody yet. */
  sentInVain(datagrams: readonly Buffer[]): void {
    for (const { length } of datagrams) {
      if (this.#tx === 0) return;
      this.#txBytes -= Math.min(length, this.#txBytes);
      this.#tx -= 1;
    }
  }

  tell(owner: DatagramOwner): void {
    if (this.#rx + this.#tx === 0) return;
    const [rxBytes, txBytes, rx, tx] = [this.#rxBytes, this.#txBytes, this.#rx, this.#tx];
    this.#rxBytes = this.#txBytes = this.#rx = this.#tx = 0;
    owner.moved(rxBytes, txBytes);
    owner.movedDatagrams(rx, tx);
  }
}
