import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import type { SocketAddress } from '../../../src/core/address.ts';

export interface ReadEvent {
  readonly event: string;
  readonly id?: string | undefined;
  readonly data: unknown;
}

/** A client of a stream of server-sent events. */
export class EventReader {
  readonly socket: Socket;
  readonly events: ReadEvent[] = [];
  /** Of the answer. */
  head = '';
  readonly #waiting = new Set<() => void>();
  /** What came last, up to where it can be told apart. */
  #rest = '';
  #retry = '';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.#rest += text;
      this.#read();
      this.#changed();
    });
    socket.on('error', () => undefined); // the close says it
    socket.on('close', () => this.#changed());
  }

  /** What the stream says of coming back; empty before it has. */
  get retry(): string {
    return this.#retry;
  }

  /** Resolves when so many events have come. */
  until(count: number): Promise<void> {
    return this.untilThat(() => this.events.length >= count);
  }

  untilThat(holds: (events: readonly ReadEvent[]) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (holds(this.events)) resolve();
        else if (this.socket.destroyed) reject(new Error(`the stream has ended:\n${this.head}\n${this.#rest}`));
        else return;
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** A turn of the event loop, in which others get to know what happened. */
  async turn(): Promise<void> {
    await setImmediate();
  }

  leave(): void {
    this.socket.destroy();
  }

  #read(): void {
    if (this.head === '') {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.head = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 4);
    }
    if (!this.#rest.includes('\n\n')) return;
    const blocks = this.#rest.split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith('retry:')) this.#retry = block;
      else if (block.includes('event: ')) this.events.push(eventOf(block));
    }
  }

  #changed(): void {
    for (const check of [...this.#waiting]) check();
  }
}

/** Opens a stream, closed at the end of the test. Resolves when its head is there. */
export async function readEvents(
  t: TestContext,
  address: SocketAddress,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventReader> {
  const socket = connect('path' in address ? address : { host: address.ip, port: address.port });
  t.after(() => void socket.destroy());
  const reader = new EventReader(socket);
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  await reader.untilThat(() => reader.retry !== '');
  return reader;
}

function eventOf(block: string): ReadEvent {
  const fields = new Map(block.split('\n').map((line) => [line.split(': ', 1)[0] ?? '', line.replace(/^\w+: /, '')]));
  return { event: fields.get('event') ?? '', id: fields.get('id'), data: JSON.parse(fields.get('data') ?? 'null') };
}
