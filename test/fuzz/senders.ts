import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

import pLimit from 'p-limit';

import type { IpAddress } from '../../src/core/address.ts';
import { errorCode } from '../../src/core/errors.ts';

/** How a connection of a client ended: with bytes, and by FIN or the code of an error. */
export interface Ending {
  readonly received: Buffer;
  readonly end: string;
}

export interface Sending {
  /** Each leaves when all clients of the batch have sent theirs before. */
  readonly pieces: readonly Buffer[];
  /** Closes its own side behind them; else it waits for so many bytes, and then leaves. */
  readonly finishes?: boolean;
  readonly awaitedBytes?: number;
}

/** A client that has no end by then has none. */
const END_LIMIT_MS = 20_000;

/** An echo that says first who it is. */
export async function startNamedEcho(t: TestContext, name: string): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.write(name);
    socket.pipe(socket);
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * Has all of them send their first piece, then all their second one, and so on.
 * @param between comes after each round of pieces: what was sent has been read meanwhile, or most of it
 */
export async function sendAll(
  to: IpAddress,
  sendings: readonly Sending[],
  between: () => Promise<unknown>,
): Promise<readonly Ending[]> {
  const opening = pLimit(200);
  const clients = await Promise.all(sendings.map((sending) => opening(() => Sender.open(to, sending))));
  const rounds = Math.max(...sendings.map(({ pieces }) => pieces.length));
  for (let round = 0; round < rounds; round++) {
    for (const client of clients) client.send(round);
    if (round < rounds - 1) await between();
  }
  return Promise.all(clients.map((client) => client.ended));
}

class Sender {
  readonly ended: Promise<Ending>;
  readonly #socket: Socket;
  readonly #sending: Sending;
  readonly #received: Buffer[] = [];
  #length = 0;
  #end = '';

  constructor(socket: Socket, sending: Sending) {
    this.#socket = socket;
    this.#sending = sending;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.#finish('FIN'));
    socket.on('error', (error) => this.#finish(errorCode(error)));
    const limit = setTimeout(() => this.#finish('no end'), END_LIMIT_MS);
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        clearTimeout(limit);
        resolve({ received: Buffer.concat(this.#received), end: this.#end });
      });
    });
  }

  static async open(to: IpAddress, sending: Sending): Promise<Sender> {
    const socket = connect({ host: to.ip, port: to.port, noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    return new Sender(socket, sending);
  }

  send(round: number): void {
    const { pieces, finishes = false } = this.#sending;
    const piece = pieces[round];
    if (this.#end !== '') return;
    if (piece !== undefined && piece.length > 0) this.#socket.write(piece);
    if (round === pieces.length - 1 && finishes) this.#socket.end();
  }

  #take(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#length += chunk.length;
    if (this.#length >= (this.#sending.awaitedBytes ?? Infinity)) this.#finish('left');
  }

  /** The first word stands. A reset, so that no port of the machine has to wait. */
  #finish(end: string): void {
    if (this.#end === '') this.#end = end;
    // libuv refuses a reset while a shutdown is under way.
    if (this.#socket.writableEnded && !this.#socket.writableFinished) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }
}
