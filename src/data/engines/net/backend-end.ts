import type { Socket } from 'node:net';
import type { PairEnd } from '../../../core/engine.ts';

/** How the backend of a relay ends its side. */
export class BackendEnd {
  /** That the client has sent, and not to the backend. */
  ignoredBytes = 0;
  readonly #client: Socket;
  #hadFinished = false;
  /** The client was still there. */
  #hasLeftClient = false;

  constructor(client: Socket) {
    this.#client = client;
  }

  /** Whether it had sent its last byte when the end was decided. */
  get hadFinished(): boolean {
    return this.#hadFinished;
  }

  /** @see ProxiedPair.wasAwaited */
  get wasAwaited(): boolean {
    return this.#hasLeftClient && this.#client.bytesRead > this.ignoredBytes;
  }

  /** It has sent its last byte. */
  finished(): void {
    this.#hadFinished = true;
    this.#leaveClient();
  }

  /** The end of the pair is decided. */
  decided(end: PairEnd): void {
    if (end === 'backend-reset' || end === 'backend-dead') this.#leaveClient();
  }

  #leaveClient(): void {
    this.#hasLeftClient ||= !this.#client.readableEnded && !this.#client.destroyed;
  }
}
