import type { RequestListener, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

import type { SocketAddress } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import { noteClient } from './client.ts';

/** How long answers that are under way have when the service closes. */
const LAST_ANSWERS_MS = 1_000;

/** On one connection. Node takes all requests that it has read at once, also of a client that reads no answer. */
const MOST_ANSWERS = 16;

const streams = new WeakSet<ServerResponse>();

/** Of an answer that has no end: it is cut when the service closes. */
export function markStream(response: ServerResponse): void {
  streams.add(response);
}

/** The connections of one server, and the answers under way on them. */
export class Connections {
  /** As accepted; with TLS that is what lies below. */
  readonly #sockets = new Set<Socket>();
  /** By the connection that the request came on. Those that wait behind another answer never say that they have gone. */
  readonly #answers = new Map<Socket, Set<ServerResponse>>();
  #settled: (() => void) | undefined;

  constructor(server: Server, bind: SocketAddress) {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      if (!noteClient(socket, bind)) socket.destroy();
    });
  }

  /** Has requests handled, and ends a connection that asks for more while too many of its answers are under way. */
  handled(handler: RequestListener): RequestListener {
    return (request, response) => {
      if (this.#isTaken(request.socket, response)) handler(request, response);
      else request.socket.destroy();
    };
  }

  /** Whether an answer is under way there, into which nothing else may be written. */
  isAnswering(socket: Socket): boolean {
    return (this.#answers.get(socket)?.size ?? 0) > 0;
  }

  /** Ends all of them: streams and those that idle at once, the others when they have their answers or a second later. */
  async end(clock: Clock): Promise<void> {
    for (const [socket, answers] of this.#answers) if ([...answers].some((each) => streams.has(each))) socket.destroy();
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

  #isTaken(socket: Socket, response: ServerResponse): boolean {
    const answers = this.#answersOn(socket);
    if (answers.size >= MOST_ANSWERS) return false;
    answers.add(response);
    response.once('close', () => {
      this.#answers.get(socket)?.delete(response);
      this.#settleIfQuiet();
    });
    return true;
  }

  #answersOn(socket: Socket): Set<ServerResponse> {
    const known = this.#answers.get(socket);
    if (known !== undefined) return known;
    const answers = new Set<ServerResponse>();
    this.#answers.set(socket, answers);
    socket.once('close', () => {
      this.#answers.delete(socket);
      this.#settleIfQuiet();
    });
    return answers;
  }

  #settleIfQuiet(): void {
    if (this.#settled === undefined) return;
    if ([...this.#answers.values()].every(({ size }) => size === 0)) this.#settled();
  }
}
