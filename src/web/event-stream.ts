import type { FastifyReply } from 'fastify';

import type { Clock, Timer } from '../core/clock.ts';
import { markStream } from './connections.ts';
import { HEARTBEAT, eventText, retryText, type StreamMessage } from './event-text.ts';
import { webLimits } from './limits.ts';
import { WebRefusal } from './refusal.ts';
import { StreamClient } from './stream-client.ts';

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2_000;

export interface StreamOptions {
  readonly clock: Clock;
  /** Beyond it a client gets 503. Absent: as a service may have. */
  readonly mostClients?: number;
}

export interface Subscription {
  /** Which events it gets, by name. */
  readonly wants: (event: string) => boolean;
  /** What it gets first. */
  readonly first?: () => readonly StreamMessage[];
  /** Told once when it has gone. */
  readonly closed?: () => void;
}

/**
 * Server-sent events for many clients. Each message is made into bytes once, and each client costs one write of them; one
 * that does not read costs the others nothing (web/stream-client.ts). Nothing runs while there are no clients.
 */
export class EventStream {
  readonly #clock: Clock;
  readonly #mostClients: number;
  readonly #clients = new Set<StreamClient>();
  #heartbeat: Timer | undefined;

  constructor({ clock, mostClients = webLimits().streams }: StreamOptions) {
    this.#clock = clock;
    this.#mostClients = mostClients;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /**
   * Makes an answer a stream; headers that are set on it already stay. The connection ends with the stream.
   * @returns false when the client has gone
   * @throws WebRefusal when there are too many
   */
  open(reply: FastifyReply, { wants, first = () => [], closed }: Subscription): boolean {
    if (this.#clients.size >= this.#mostClients) {
      void reply.header('retry-after', '30');
      const message = `too many streams are open: ${this.#clients.size}; try again later`;
      throw new WebRefusal(503, 'TSLB_TOO_MANY_STREAMS', message);
    }
    const response = reply.raw;
    // A client that has left, or that asks for more behind a stream that does not end.
    if (response.closed || response.socket === null) {
      void reply.hijack();
      reply.request.raw.socket.destroy();
      return false;
    }
    void reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) response.setHeader(name, value);
    }
    markStream(response);
    // It ends with the connection, so that each message is one write without the frame of a chunk.
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    const client = new StreamClient(response, wants);
    this.#clients.add(client);
    this.#heartbeat ??= this.#clock.every(HEARTBEAT_MS, () => this.#beat());
    response.once('close', () => {
      this.#remove(client);
      closed?.();
    });
    client.write(Buffer.from(retryText(RETRY_MS) + first().map(eventText).join('')));
    return true;
  }

  /** Sends a message to all who want it. @param isSkippable whether a client that is behind may do without it */
  send(message: StreamMessage, isSkippable = false): void {
    const bytes = Buffer.from(eventText(message));
    const now = this.#clock.now();
    for (const client of this.#clients) {
      if (client.wants(message.event)) client.send(bytes, isSkippable, now);
    }
  }

  #beat(): void {
    const bytes = Buffer.from(HEARTBEAT);
    const now = this.#clock.now();
    for (const client of this.#clients) client.beat(bytes, now);
  }

  #remove(client: StreamClient): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    this.#heartbeat?.cancel();
    this.#heartbeat = undefined;
  }
}
