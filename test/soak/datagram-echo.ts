import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A backend of UDP that says before each answer which one it is. While it is dead its host refuses what comes. */
export class DatagramEcho {
  readonly name: string;
  readonly host: string;
  port = 0;
  kills = 0;
  #socket: Socket | undefined;

  constructor(name: string, host: string) {
    this.name = name;
    this.host = host;
  }

  get key(): string {
    return `${this.host}:${this.port}`;
  }

  get isAlive(): boolean {
    return this.#socket !== undefined;
  }

  /** The first time at a port of the system's, later at the same. */
  async start(): Promise<void> {
    const socket = createSocket('udp4');
    socket.bind(this.port, this.host);
    await once(socket, 'listening');
    this.port = socket.address().port;
    socket.on('message', (bytes, { address, port }) => {
      socket.send(Buffer.concat([Buffer.from(this.name), bytes]), port, address, () => undefined);
    });
    // A client that is gone refuses its answer.
    socket.on('error', () => undefined);
    this.#socket = socket;
  }

  kill(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.kills += 1;
  }
}
