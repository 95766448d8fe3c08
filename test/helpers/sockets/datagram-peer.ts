import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import type { IpAddress, SocketAddress } from '../../../src/core/address.ts';

export interface Received {
  readonly bytes: Buffer;
  readonly from: IpAddress;
}

type Answer = (received: Received, peer: DatagramPeer) => void;

/** A socket of UDP with all that has come to it. */
export class DatagramPeer {
  readonly socket: Socket;
  readonly received: Received[] = [];
  readonly address: IpAddress;
  /** What the kernel said of its sends, when it is connected. */
  readonly errors: string[] = [];
  readonly #answer: Answer;
  readonly #waiting = new Set<() => void>();

  constructor(socket: Socket, answer: Answer) {
    this.socket = socket;
    this.#answer = answer;
    const { address: ip, port } = socket.address();
    this.address = { ip, port };
    socket.on('message', (bytes, from) => this.#received(bytes, from));
    socket.on('error', (error) => {
      this.errors.push('code' in error ? String(error.code) : error.message);
      for (const check of this.#waiting) check();
    });
  }

  /** @param to where it is not connected */
  send(text: string | Buffer, to?: SocketAddress): void {
    if (to === undefined) return this.socket.send(text);
    if ('path' in to) throw new TypeError('no unix sockets here');
    this.socket.send(text, to.port, to.ip);
  }

  /** As texts, in the order in which they came. */
  get texts(): readonly string[] {
    return this.received.map(({ bytes }) => bytes.toString());
  }

  /** Where they came from, each once. */
  get senders(): readonly number[] {
    return [...new Set(this.received.map(({ from }) => from.port))];
  }

  /** Resolves when so many have come in all. */
  async got(count: number): Promise<readonly string[]> {
    await this.until(() => this.received.length >= count);
    return this.texts;
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!holds()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.socket.close(resolve));
  }

  #received(bytes: Buffer, { address: ip, port }: RemoteInfo): void {
    const received = { bytes, from: { ip, port } };
    this.received.push(received);
    this.#answer(received, this);
    for (const check of this.#waiting) check();
  }
}

export const silent: Answer = () => undefined;
export const echo: Answer = ({ bytes, from }, peer) => peer.send(bytes, from);

/** With this many answers to each datagram: `1 text`, `2 text`, … */
export function answering(count: number, name = ''): Answer {
  return ({ bytes, from }, peer) => {
    for (let n = 1; n <= count; n++) peer.send(`${name}${n} ${bytes.toString()}`, from);
  };
}

/** Bound on a loopback address, for the length of the test. @param port 0 is any */
export async function datagramPeer(
  t: TestContext,
  answer: Answer = silent,
  ip = '127.0.0.1',
  port = 0,
): Promise<DatagramPeer> {
  const socket = createSocket({ type: ip.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  socket.bind({ address: ip, port, exclusive: true });
  await once(socket, 'listening');
  const peer = new DatagramPeer(socket, answer);
  t.after(() => closeIfOpen(socket));
  return peer;
}

/** Connected: it hears answers from there alone. */
export async function datagramClient(t: TestContext, to: SocketAddress, ip?: string): Promise<DatagramPeer> {
  if ('path' in to) throw new TypeError('no unix sockets here');
  const peer = await datagramPeer(t, silent, ip ?? (to.ip.includes(':') ? '::1' : '127.0.0.1'));
  peer.socket.connect(to.port, to.ip);
  await once(peer.socket, 'connect');
  return peer;
}

function closeIfOpen(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // the test has closed it
  }
}
