import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';

import { type Certificate, makeCertificate } from '../sockets/certificate.ts';

/** A web server that answers with its name, what it was called, and whether it knew the client. */
export interface TlsBackend {
  readonly name: string;
  readonly port: number;
  /** As a line of a static list. */
  readonly address: string;
  /** Of each handshake that went well: the name that the client gave, and the protocol they agreed on. */
  readonly handshakes: { readonly name: string; readonly alpn: string }[];
}

let certificate: Certificate | undefined;

export interface TlsBackendOptions {
  /** That it agrees to. */
  readonly alpn?: readonly ('h2' | 'http/1.1')[];
}

export async function startTlsBackend(
  t: TestContext,
  name: string,
  { alpn = ['h2', 'http/1.1'] }: TlsBackendOptions = {},
): Promise<TlsBackend> {
  certificate ??= makeCertificate({ names: ['a.example.test', '*.example.test'] });
  const handshakes: { name: string; alpn: string }[] = [];
  const sockets = new Set<Socket>();
  const { cert, key } = certificate;
  const server = createSecureServer({ cert, key, allowHTTP1: true, ALPNProtocols: [...alpn] });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('secureConnection', (socket: TLSSocket & Called) => {
    handshakes.push({
      name: nameOf(socket),
      alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : 'none',
    });
  });
  server.on('sessionError', () => undefined).on('tlsClientError', () => undefined);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const socket = request.socket as Called;
    const words = [`served by ${name}`, `called ${nameOf(socket)}`];
    if (socket.isSessionReused?.() === true) words.push('known');
    if (request.httpVersion.startsWith('1')) response.setHeader('Connection', 'close');
    response.end(`${words.join(', ')}\n`);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return { name, port, address: `127.0.0.1:${port}`, handshakes };
}

/** What a server's socket knows of its client. Node types it for none. */
interface Called {
  readonly servername?: string | false;
  readonly isSessionReused?: () => boolean;
}

/** The name in server_name, or what stands for none. */
function nameOf({ servername = false }: Called): string {
  return servername === false ? 'nothing' : servername;
}

/** What stands between a client and a server, and what it counts. */
export interface Between {
  readonly port: number;
  connections: number;
  /** Of each connection: the bytes that the client has sent before the server's first one. */
  readonly firstFlights: number[];
}

const PIECE_BYTES = 100;
const PAUSE_MS = 3;
/** Of the client, that come in pieces: more than the hello of any. */
const CUT_BYTES = 2500;

/** Hands on the first bytes of each client in small pieces, each as a segment of its own some time after the last one. */
export async function startSlowLink(t: TestContext, to: number): Promise<Between> {
  return startBetween(t, to, (client, upstream) => {
    const queue: Buffer[] = [];
    let sent = 0;
    let isWaiting = false;
    const next = (): void => {
      isWaiting = false;
      const [chunk] = queue;
      if (chunk === undefined || upstream.destroyed) return;
      const size = sent < CUT_BYTES ? PIECE_BYTES : chunk.length;
      upstream.write(chunk.subarray(0, size));
      sent += size;
      if (size < chunk.length) queue[0] = chunk.subarray(size);
      else queue.shift();
      isWaiting = true;
      setTimeout(next, sent < CUT_BYTES ? PAUSE_MS : 0);
    };
    client.on('data', (chunk: Buffer) => {
      queue.push(chunk);
      if (!isWaiting) next();
    });
  });
}

/** Counts connections. */
export async function startCounter(t: TestContext, to: number): Promise<Between> {
  return startBetween(t, to, (client, upstream) => client.on('data', (chunk: Buffer) => upstream.write(chunk)));
}

async function startBetween(
  t: TestContext,
  to: number,
  pass: (client: Socket, upstream: Socket) => void,
): Promise<Between> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const number = between.connections++;
    between.firstFlights[number] = 0;
    let hasAnswered = false;
    const upstream = connect({ port: to, host: '127.0.0.1', noDelay: true });
    pass(client, upstream);
    client.on('data', ({ length }: Buffer) => {
      if (!hasAnswered) between.firstFlights[number] = (between.firstFlights[number] ?? 0) + length;
    });
    upstream.once('data', () => (hasAnswered = true));
    upstream.pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one
        .on('error', () => other.destroy())
        .on('close', () => {
          sockets.delete(one);
          // After the bytes that are on their way.
          other.end();
        });
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const between: Between = { port: (server.address() as AddressInfo).port, connections: 0, firstFlights: [] };
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return between;
}
