import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

import { pause } from './pause.ts';

/** Bytes of an answer, about. */
const ANSWER_BYTES = { site: 24_000, database: 3_000 } as const;
const REQUEST = Buffer.alloc(420, 'x');

export interface Site {
  readonly address: string;
  /** Listens no more, and cuts who is connected. */
  close(): void;
}

/** Answers each request by more or less bytes, and takes a moment to. */
export async function listenAs(ip: string, kind: keyof typeof ANSWER_BYTES): Promise<Site> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', () => {
      void pause(20 + Math.random() * 120).then(() => {
        if (socket.writable) socket.end(Buffer.alloc(ANSWER_BYTES[kind] * (0.5 + Math.random())));
      });
    });
  }).listen(0, ip);
  await once(server, 'listening');
  const bound = server.address();
  const port = bound === null || typeof bound === 'string' ? 0 : bound.port;
  return {
    address: `${ip}:${port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
}

export interface LoadOptions {
  readonly clients: number;
  /** Between two requests of a client, on average. */
  readonly thinkMs: number;
}

/** Clients that ask again and again, each time on a new connection; in waves of half a minute. */
export function loadOf(address: string, { clients, thinkMs }: LoadOptions): { stop(): void } {
  const [host = '', port] = address.split(':');
  let isOver = false;
  async function client(): Promise<void> {
    while (!isOver) {
      const socket = connect({ host, port: Number(port) }, () => socket.write(REQUEST));
      socket.on('error', () => socket.destroy()).resume();
      await once(socket, 'close').catch(() => undefined); // a reset is an end, too
      const wave = 1 + 0.6 * Math.sin((Date.now() / 30_000) * 2 * Math.PI);
      await pause(thinkMs * wave * (0.5 + Math.random()));
    }
  }
  for (let n = 0; n < clients; n++) void client();
  return { stop: () => void (isOver = true) };
}
