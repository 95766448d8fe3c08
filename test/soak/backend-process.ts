import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { openConnections } from './kernel-table.ts';
import { leadLength } from './lead.ts';
import { readRequest, type Request } from './request.ts';
import { Arrival, stretch } from './stream.ts';

/** Told when it listens, for each connection on which other bytes came than were sent, and for each one too many. */
export type BackendMessage =
  | 'listening'
  | { readonly differsAt: number; readonly request: Request }
  | { readonly connections: number; readonly limit: number };

/** Its only argument, as JSON. */
export interface BackendArguments {
  /** How it is listed, and what it says that it is. */
  readonly key: string;
  /** Where it listens. */
  readonly ip: string;
  readonly port: number;
  /** Where it can be asked how it is. */
  readonly checkPort: number;
  /** Whether it says its name before it is asked anything. */
  readonly speaksFirst: boolean;
}

/** The most connections that it may have; absent: any number. */
export interface BackendCommand {
  readonly limit: number | undefined;
}

const CHUNK = 64 * 1024;
const NEW_LINE = 0x0a;

const { key, ip, port, checkPort, speaksFirst } = JSON.parse(process.argv[2] ?? '') as BackendArguments;
const NAME = `${key}\n`;

/** One connection of a backend, which does what the client's first line asks. */
class Visit {
  readonly #socket: Socket;
  readonly #hash = createHash('sha256');
  #head = Buffer.alloc(0);
  #hasGreeted = false;
  #request: Request | undefined;
  #arrival: Arrival | undefined;
  #hasSent = false;
  #hasEnded = false;
  #sendMore: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#took(chunk));
    socket.on('end', () => this.#ended());
    socket.on('drain', () => this.#flushed());
    socket.on('error', () => undefined); // cut, by whomever: what came until then was compared
    socket.on('close', () => this.#flushed());
    if (speaksFirst) this.#greet();
  }

  #greet(): void {
    if (!this.#hasGreeted) this.#socket.write(NAME);
    this.#hasGreeted = true;
  }

  #took(chunk: Buffer): void {
    if (this.#request !== undefined) return this.#tookBody(chunk);
    this.#head = Buffer.concat([this.#head, chunk]);
    const at = leadLength(this.#head);
    const end = at === undefined ? -1 : this.#head.indexOf(NEW_LINE, at);
    if (end < 0) return;
    this.#begin(readRequest(this.#head.toString('latin1', at, end)));
    if (this.#head.length > end + 1) this.#tookBody(this.#head.subarray(end + 1));
  }

  #begin(request: Request): void {
    this.#request = request;
    this.#arrival = new Arrival(request.upSeed);
    this.#greet();
    if (request.deafMs > 0) {
      this.#socket.pause();
      setTimeout(() => this.#socket.resume(), request.deafMs);
    }
    void this.#send(request);
  }

  #tookBody(chunk: Buffer): void {
    const { exchange } = this.#request!;
    const arrival = this.#arrival!;
    const isNew = arrival.differsAt === undefined;
    arrival.take(chunk);
    if (isNew && arrival.differsAt !== undefined) tell({ differsAt: arrival.differsAt, request: this.#request! });
    if (exchange === 'upload' || exchange === 'both') this.#hash.update(chunk);
    if (exchange === 'echo' && !this.#socket.write(chunk)) this.#socket.pause();
    this.#goOn();
  }

  #ended(): void {
    this.#hasEnded = true;
    this.#greet();
    this.#goOn();
  }

  /** What was written is on its way, or nobody will take it. */
  #flushed(): void {
    this.#sendMore();
    if (this.#request?.exchange === 'echo') this.#socket.resume();
  }

  async #send({ downSeed, downBytes }: Request): Promise<void> {
    for (let at = 0; at < downBytes && !this.#socket.destroyed; at += CHUNK) {
      const isTaken = this.#socket.write(stretch(downSeed, at, Math.min(CHUNK, downBytes - at)));
      if (!isTaken) await new Promise<void>((resolve) => (this.#sendMore = resolve));
    }
    this.#hasSent = true;
    this.#goOn();
  }

  /** The last step, when all before it are done. */
  #goOn(): void {
    const { exchange, takesBytes } = this.#request ?? { exchange: undefined, takesBytes: 0 };
    switch (exchange) {
      case undefined:
      case 'echo':
        if (this.#hasEnded) this.#socket.end();
        return;
      case 'download':
        if (this.#hasSent) this.#socket.end();
        return;
      case 'upload':
      case 'both':
        if (this.#hasSent && this.#hasEnded) this.#socket.end(`${this.#hash.digest('hex')}\n`);
        return;
      case 'abort':
        if (this.#hasSent && (this.#hasEnded || this.#arrival!.bytes >= takesBytes)) this.#socket.resetAndDestroy();
        return;
      default:
        exchange satisfies never;
    }
  }
}

function tell(message: BackendMessage): void {
  process.send?.(message);
}

const sockets = new Set<Socket>();
let limit = Infinity;
const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  sockets.add(socket);
  // Its place is free again once it has sent its end.
  socket.once('finish', () => sockets.delete(socket));
  socket.once('close', () => sockets.delete(socket));
  new Visit(socket);
  if (sockets.size > limit) setImmediate(count);
});
const checks = createServer((socket) => {
  socket.on('error', () => undefined); // asked, and gone
  socket.end('WELL\n');
});

/** Those whose end is still to be read seem open here, but not to the kernel. */
function count(): void {
  if (sockets.size <= limit) return;
  const connections = openConnections(ip, port);
  if (connections > limit) tell({ connections, limit });
}

process.on('message', (command: BackendCommand) => (limit = command.limit ?? Infinity));
checks.listen({ host: ip, port: checkPort }, () => {
  server.listen({ host: ip, port, backlog: 4096 }, () => tell('listening'));
});
process.once('disconnect', () => {
  server.close();
  checks.close();
  for (const socket of sockets) socket.destroy();
});
