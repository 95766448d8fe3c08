import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import type { IpAddress } from '../../../src/core/address.ts';

export interface Arrived {
  readonly bytes: Buffer;
  readonly from: IpAddress;
}

/** A socket of UDP that a test sends and receives by. */
export class UdpPeer {
  readonly arrived: Arrived[] = [];
  readonly socket: Socket;
  readonly #waiting = new Set<() => void>();
  #answer: ((bytes: Buffer) => Buffer | readonly Buffer[] | undefined) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('message', (bytes, { address: ip, port }) => {
      this.arrived.push({ bytes, from: { ip, port } });
      const answer = this.#answer?.(bytes) ?? [];
      for (const one of Buffer.isBuffer(answer) ? [answer] : answer) socket.send(one, port, ip);
      for (const check of this.#waiting) check();
    });
    socket.on('error', () => undefined); // ICMP of a peer that is gone
  }

  get address(): IpAddress {
    const { address, port } = this.socket.address();
    return { ip: address, port };
  }

  get texts(): readonly string[] {
    return this.arrived.map(({ bytes }) => bytes.toString());
  }

  /** Has it answer each datagram. */
  answering(answer: (bytes: Buffer) => Buffer | readonly Buffer[] | undefined): this {
    this.#answer = answer;
    return this;
  }

  async send(bytes: Buffer | string, { ip, port }: IpAddress): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.socket.send(bytes, port, ip, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Resolves with the datagrams once so many have come. */
  async received(count: number): Promise<readonly Arrived[]> {
    await new Promise<void>((resolve) => {
      const check = () => {
        if (this.arrived.length < count) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
    return this.arrived;
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }
}

export async function openUdp(t: TestContext, ip = '127.0.0.1', port = 0): Promise<UdpPeer> {
  const socket = createSocket({ type: ip.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  socket.bind(port, ip);
  await once(socket, 'listening');
  let isOpen = true;
  socket.once('close', () => (isOpen = false));
  t.after(() => {
    if (isOpen) socket.close();
  });
  return new UdpPeer(socket);
}

/** A backend that sends each datagram back behind its own name. */
export async function openEcho(t: TestContext, name = ''): Promise<UdpPeer> {
  return (await openUdp(t)).answering((bytes) => Buffer.concat([Buffer.from(name), bytes]));
}

/** An address where nobody listens. */
export async function closedPort(t: TestContext): Promise<IpAddress> {
  const peer = await openUdp(t);
  const { address } = peer;
  await peer.close();
  return address;
}
