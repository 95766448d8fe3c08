import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { SocketAddress } from '../../../src/core/address.ts';
import { errorCode } from '../../../src/core/errors.ts';
import { KIB, payload } from './payload.ts';

/** A write of this size at a time, so that what the kernel has taken can be told from what waits. */
const CHUNK = 64 * KIB;

/** How a connection ended, as one end of it saw that. */
export interface PeerEnd {
  readonly bytes: number;
  readonly sha256: string;
  /** `FIN`, `none` when this end closed before it saw the other's end, or the system's name of an error. */
  readonly end: string;
}

/** One end of a connection: a client of the balancer, or a backend's side of one. Keeps a hash, not the bytes. */
export class Peer {
  readonly socket: Socket;
  /** Bytes that this end has got. */
  bytes = 0;
  readonly #hash = createHash('sha256');
  readonly #waiting = new Set<() => void>();
  #sha256: string | undefined;
  #end = 'none';
  #isClosed = false;
  #text = '';

  /** @param read `paused` reads nothing before `socket.resume()`; `slow` gets a chunk for each turn of the loop */
  constructor(socket: Socket, read: 'fast' | 'slow' | 'paused' = 'fast') {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      this.#hash.update(chunk);
      if (this.#text.length < 100) this.#text += chunk.toString('latin1', 0, 100);
      if (read === 'slow') {
        socket.pause();
        setImmediate(() => socket.resume());
      }
      this.#changed();
    });
    if (read === 'paused') socket.pause();
    socket.on('end', () => this.#askForEnd());
    socket.on('error', (error) => {
      this.#end = errorCode(error);
      this.#changed();
    });
    socket.on('close', () => {
      this.#isClosed = true;
      this.#changed();
    });
    socket.on('connect', () => this.#changed());
  }

  /** The first bytes that this end has got. */
  get text(): string {
    return this.#text.slice(0, 100);
  }

  get hasEnded(): boolean {
    return this.#end !== 'none';
  }

  get isConnected(): boolean {
    return !this.socket.pending && !this.socket.destroyed;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Bytes that the kernel has taken from this end. */
  get sentBytes(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }

  async connected(): Promise<this> {
    await this.until('it was connected', () => this.isConnected);
    return this;
  }

  async received(bytes: number): Promise<this> {
    await this.until(`${bytes} bytes`, () => this.bytes >= bytes);
    return this;
  }

  /** The other end has sent its last byte. */
  async ended(): Promise<PeerEnd> {
    await this.until('the end of stream', () => this.#end === 'FIN');
    return this.#report();
  }

  /** The socket is closed, however that came. */
  async closed(): Promise<PeerEnd> {
    await this.until('it was closed', () => this.#isClosed);
    return this.#report();
  }

  /** Resolves when the kernel has taken all; rejects when the connection breaks before. */
  async send(bytes: Buffer | string): Promise<this> {
    const all = Buffer.from(bytes);
    for (let at = 0; at < all.length; at += CHUNK) await this.#write(all.subarray(at, at + CHUNK));
    return this;
  }

  /** Sends the last bytes and the end of stream. */
  async finish(bytes: Buffer | string = ''): Promise<this> {
    await this.send(bytes);
    this.socket.end();
    return this;
  }

  /** Sends until the connection breaks; after the other end's FIN, only a write notices that. */
  async sendForever(): Promise<PeerEnd> {
    const chunk = payload(CHUNK);
    try {
      for (;;) await this.#write(chunk);
    } catch {
      return this.closed(); // its `end` tells how it broke
    }
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Resolves when it holds, looking again at everything that happens here. */
  until(what: string, holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!holds() && !this.#isClosed) return;
        this.#waiting.delete(check);
        if (holds()) resolve();
        else reject(new Error(`closed (${this.#end}) after ${this.bytes} bytes, before ${what}`));
      };
      this.#waiting.add(check);
      check();
    });
  }

  /**
   * libuv reports an end of stream where it finds a reset right behind the last bytes. Sending nothing tells the two
   * apart, as long as this end may still send; then the error says what it was.
   */
  #askForEnd(): void {
    const isOver = () => {
      if (this.#end === 'none') this.#end = 'FIN';
      this.#changed();
    };
    const { socket } = this;
    if (socket.writableLength > 0) setImmediate(isOver);
    else if (socket.writableEnded || socket.localFamily === undefined) isOver();
    else socket.write('', (error) => (error ? undefined : isOver()));
  }

  #changed(): void {
    for (const check of this.#waiting) check();
  }

  #write(chunk: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }

  #report(): PeerEnd {
    this.#sha256 ??= this.#hash.copy().digest('hex');
    return { bytes: this.bytes, sha256: this.#sha256, end: this.#end };
  }
}

export interface ClientOptions {
  readonly read?: 'fast' | 'slow' | 'paused';
  /** Another address of the loopback network, to be another client. */
  readonly from?: string;
}

/** A client, closed at the end of the test. Its ends of stream are its own business. */
export function connectTo(t: TestContext, address: SocketAddress, { read = 'fast', from }: ClientOptions = {}): Peer {
  const target = 'path' in address ? address : { host: address.ip, port: address.port };
  const socket = connect({ ...target, allowHalfOpen: true, ...(from === undefined ? {} : { localAddress: from }) });
  t.after(() => void socket.destroy());
  return new Peer(socket, read);
}
