import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

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
  /** Answers under way on each open connection. */
  readonly #answers = new Map<Socket, number>();
  /** Connections with an answer under way. */
  readonly #untaken = new Set<Socket>();
  #last: { readonly bytes: Buffer; readonly at: number } | undefined;
  #running: Promise<Buffer> | undefined;

  constructor(make: () => Promise<string>, clock: Clock) {
    this.#make = make;
    this.#clock = clock;
  }

  /** For one request and its answer, which ends it. */
  async bytesFor({ socket }: IncomingMessage, response: ServerResponse): Promise<Buffer> {
    this.#note(socket, response);
    const last = this.#last;
    if (this.#untaken.size > CROWD && last !== undefined && this.#clock.now() - last.at < SHARED_MS) return last.bytes;
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

  #note(socket: Socket, response: ServerResponse): void {
    if (!this.#answers.has(socket)) {
      // An answer that waits behind another never says that its connection has gone.
      socket.once('close', () => {
        this.#answers.delete(socket);
        this.#untaken.delete(socket);
      });
    }
    this.#answers.set(socket, (this.#answers.get(socket) ?? 0) + 1);
    this.#untaken.add(socket);
    response.once('close', () => this.#taken(socket));
  }

  #taken(socket: Socket): void {
    const left = (this.#answers.get(socket) ?? 0) - 1;
    if (left < 0) return;
    this.#answers.set(socket, left);
    if (left === 0) this.#untaken.delete(socket);
  }
}
