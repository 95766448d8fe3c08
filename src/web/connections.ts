import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';

import type { Clock } from '../core/clock.ts';

/** How long answers that are under way have when the service closes. */
const LAST_ANSWERS_MS = 1_000;

const streams = new WeakSet<ServerResponse>();

/** Of an answer that has no end: it is cut when the service closes. */
export function markStream(response: ServerResponse): void {
  streams.add(response);
}

/** The connections of one server, and the answers under way on them. */
export class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #answers = new Map<ServerResponse, Socket>();
  #settled: (() => void) | undefined;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#answers.set(response, request.socket);
      response.once('close', () => this.#answered(response));
    });
  }

  /** Whether an answer is under way there, into which nothing else may be written. */
  isAnswering(socket: unknown): boolean {
    return [...this.#answers.values()].some((each) => each === socket);
  }

  /** Ends all of them: streams and those that idle at once, the others when they have their answers or a second later. */
  async end(clock: Clock): Promise<void> {
    for (const [response, socket] of this.#answers) if (streams.has(response)) socket.destroy();
    await new Promise<void>((resolve) => {
      const timer = clock.after(LAST_ANSWERS_MS, resolve);
      this.#settled = () => {
        timer.cancel();
        resolve();
      };
      this.#settleIfQuiet();
    });
    for (const socket of this.#sockets) socket.destroy();
  }

  #answered(response: ServerResponse): void {
    this.#answers.delete(response);
    this.#settleIfQuiet();
  }

  #settleIfQuiet(): void {
    if (this.#settled === undefined) return;
    if ([...this.#answers.keys()].every((response) => streams.has(response))) this.#settled();
  }
}
