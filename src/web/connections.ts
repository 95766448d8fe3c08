import type { RequestListener, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

import type { SocketAddress } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import { clientOn, noteClient } from './client.ts';
import type { WebLimits } from './limits.ts';

/** What a request has to be there as a whole when the service listens no more, and an answer to be given at the stop. */
const LAST_ANSWERS_MS = 1_000;

/** On one connection. Node takes all requests that it has read at once, also of a client that reads no answer. */
const MOST_ANSWERS = 16;

const streams = new WeakSet<ServerResponse>();

/** Of an answer that has no end: it is cut when the service closes. */
export function markStream(response: ServerResponse): void {
  streams.add(response);
}

declare module 'fastify' {
  interface FastifyInstance {
    /** How many connections of the service have an answer under way. */
    answering: () => number;
  }
}

/** The connections of one server, and the answers under way on them. */
export class Connections {
  /** As accepted; with TLS that is what lies below. */
  readonly #sockets = new Set<Socket>();
  /** By the connection that requests come on, those first that have been silent longest. Those that wait behind another answer never say that they have gone. */
  readonly #answers = new Map<Socket, Set<ServerResponse>>();
  /** How many of #sockets each network of clients has. */
  readonly #held = new Map<string, number>();
  readonly #bind: SocketAddress;
  readonly #mostOfNetwork: number;
  #retired: Promise<void> | undefined;
  #settled: (() => void) | undefined;

  constructor(server: Server, bind: SocketAddress, { connectionsOfNetwork }: Pick<WebLimits, 'connectionsOfNetwork'>) {
    this.#bind = bind;
    this.#mostOfNetwork = connectionsOfNetwork;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      this.#admit(socket);
    });
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => this.#begin(socket));
  }

  /** Has requests handled, and ends a connection that asks for more while too many of its answers are under way. */
  handled(handler: RequestListener): RequestListener {
    return (request, response) => {
      if (this.#isTaken(request.socket, response)) handler(request, response);
      else request.socket.destroy();
    };
  }

  /** How many have an answer under way. */
  get answering(): number {
    return [...this.#answers.values()].filter(({ size }) => size > 0).length;
  }

  /** Whether an answer is under way there, into which nothing else may be written. */
  isAnswering(socket: Socket): boolean {
    return (this.#answers.get(socket)?.size ?? 0) > 0;
  }

  /**
   * Ends streams and those that idle at once, and the others when they have their answers, however long those take: who asks
   * for a change that closes this service is told how it went.
   */
  retire(clock: Clock): Promise<void> {
    this.#retired ??= this.#retire(clock);
    return this.#retired;
  }

  /** As retire, and a second later those that are left. */
  async end(clock: Clock): Promise<void> {
    const timer = clock.after(LAST_ANSWERS_MS, () => this.#cut());
    await this.retire(clock);
    timer.cancel();
  }

  async #retire(clock: Clock): Promise<void> {
    this.#endAll((answers) => answers.size === 0 || hasStream(answers));
    // Node looks no more at the times for requests once the service does not listen.
    const timer = clock.after(LAST_ANSWERS_MS, () => {
      this.#endAll((answers) => hasStream(answers) || [...answers].some(({ req }) => !req.complete));
    });
    await new Promise<void>((resolve) => {
      this.#settled = resolve;
      this.#settleIfQuiet();
    });
    timer.cancel();
    this.#cut();
  }

  #endAll(isOver: (answers: ReadonlySet<ServerResponse>) => boolean): void {
    for (const [socket, answers] of this.#answers) if (isOver(answers)) socket.destroy();
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #admit(socket: Socket): void {
    const client = noteClient(socket, this.#bind);
    if (client === undefined) socket.destroy();
    else if (!('path' in this.#bind)) this.#hold(socket, client.network);
  }

  #hold(socket: Socket, network: string): void {
    const held = (this.#held.get(network) ?? 0) + 1;
    this.#held.set(network, held);
    socket.once('close', () => {
      const left = (this.#held.get(network) ?? 0) - 1;
      if (left > 0) this.#held.set(network, left);
      else this.#held.delete(network);
    });
    if (held > this.#mostOfNetwork) this.#makeRoom(socket, network, held);
  }

  /** Ends the one of a network that has been silent longest, or else the newcomer. */
  #makeRoom(newcomer: Socket, network: string, held: number): void {
    const own = [...this.#answers].filter(([socket]) => clientOn(socket)?.network === network);
    const streaming = own.filter(([, answers]) => hasStream(answers)).length;
    if (held - streaming <= this.#mostOfNetwork) return;
    const [socket = newcomer] = own.find(([{ destroyed }, { size }]) => size === 0 && !destroyed) ?? [];
    socket.destroy();
  }

  /** From here on requests may come on it. */
  #begin(socket: Socket): void {
    const isKnown = noteClient(socket, this.#bind) !== undefined;
    if (!isKnown || socket.destroyed || this.#retired !== undefined) {
      socket.destroy();
      return;
    }
    this.#answers.set(socket, new Set());
    socket.once('close', () => {
      this.#answers.delete(socket);
      this.#settleIfQuiet();
    });
  }

  #isTaken(socket: Socket, response: ServerResponse): boolean {
    const answers = this.#answers.get(socket);
    if (answers === undefined || answers.size >= MOST_ANSWERS) return false;
    answers.add(response);
    response.once('close', () => {
      answers.delete(response);
      if (answers.size === 0) this.#idle(socket, answers);
      this.#settleIfQuiet();
    });
    return true;
  }

  /** It is silent from now on: those that were before come first. */
  #idle(socket: Socket, answers: Set<ServerResponse>): void {
    if (this.#answers.delete(socket)) this.#answers.set(socket, answers);
    if (this.#retired !== undefined) socket.destroy();
  }

  #settleIfQuiet(): void {
    if (this.#settled === undefined) return;
    if (this.answering === 0) this.#settled();
  }
}

function hasStream(answers: ReadonlySet<ServerResponse>): boolean {
  return [...answers].some((each) => streams.has(each));
}
