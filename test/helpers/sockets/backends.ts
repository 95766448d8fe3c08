import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { TestContext } from 'node:test';
import type { SocketAddress } from '../../../src/core/address.ts';
import { Peer } from './peer.ts';

/** What a backend does with each of its connections. */
export type Serve = (peer: Peer) => void;

export interface BackendOptions {
  readonly at?: SocketAddress;
  readonly read?: 'fast' | 'slow' | 'paused';
}

/** A backend on a port of its own, closed at the end of the test with all its connections. */
export class TestBackend {
  readonly address: SocketAddress;
  readonly peers: Peer[] = [];
  /** Connections between their accept and the end of either direction, and the most there ever were at once. */
  open = 0;
  mostOpen = 0;
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();
  #claimed = 0;

  constructor(server: Server, address: SocketAddress, serve: Serve, read: BackendOptions['read'] = 'fast') {
    this.#server = server;
    this.address = address;
    server.on('connection', (socket) => {
      const peer = new Peer(socket, read);
      this.peers.push(peer);
      this.open += 1;
      this.mostOpen = Math.max(this.mostOpen, this.open);
      let isOpen = true;
      const left = () => {
        if (isOpen) this.open -= 1;
        isOpen = false;
      };
      for (const event of ['end', 'error', 'close']) socket.once(event, left);
      serve(peer);
      for (const check of this.#waiting) check();
    });
  }

  get port(): number {
    return 'ip' in this.address ? this.address.port : 0;
  }

  /** The next connection that nobody has asked for yet. */
  async next(): Promise<Peer> {
    const index = this.#claimed++;
    await this.accepted(index + 1);
    return this.peers[index] as Peer;
  }

  /** Resolves when this many connections have come. */
  accepted(count: number): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.peers.length < count) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Listens no more; connections live on. */
  async close(): Promise<void> {
    this.#server.close();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  dispose(): void {
    this.#server.close();
    for (const { socket } of this.peers) socket.destroy();
  }
}

const LOOPBACK: SocketAddress = { ip: '127.0.0.1', port: 0 };

export async function startBackend(
  t: TestContext,
  serve: Serve = () => {},
  { at = LOOPBACK, read }: BackendOptions = {},
): Promise<TestBackend> {
  const server = createServer({ allowHalfOpen: true });
  server.listen('path' in at ? at : { host: at.ip, port: at.port, backlog: 4096 });
  await once(server, 'listening');
  const bound = server.address();
  const address = bound === null || typeof bound === 'string' || 'path' in at ? at : { ip: at.ip, port: bound.port };
  const backend = new TestBackend(server, address, serve, read);
  t.after(() => backend.dispose());
  return backend;
}

/** Sends back what comes, and ends when the client has. */
export function echo({ socket }: Peer): void {
  socket.pipe(socket);
}

/** Says who it is at once, and ends when the client has. */
export function banner(text: string): Serve {
  return ({ socket }) => {
    socket.write(text);
    socket.once('end', () => socket.end());
  };
}

/** Nobody listens there: port 1 is for tcpmux, and ephemeral ports begin far above. */
export const REFUSING: SocketAddress = { ip: '127.0.0.1', port: 1 };

/** The loopback network's broadcast address: the kernel answers ENETUNREACH to a connect and sends nothing. */
export const UNREACHABLE: SocketAddress = { ip: '127.255.255.255', port: 9 };
