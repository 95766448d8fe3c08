/** What the client of the ping-pong is to do. */
export interface PingOrder {
  readonly port: number;
  readonly connections: number;
  readonly messageBytes: number;
  /** Over all connections. */
  readonly perSecond: number;
  readonly messages: number;
  /** Sent before those, and not counted. */
  readonly warmup: number;
}

/** Latencies in microseconds, from the moment a message was due to the last byte of its answer. */
export interface PingResult {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

/**
 * An open loop: messages are due at times that no answer moves, so one that had to wait is not forgotten. They go
 * over the connections in turn; an echo keeps the order on each, so the n-th answer of a connection is known by n.
 */
export class Schedule {
  readonly total: number;
  readonly #order: PingOrder;
  readonly #startedAt: number;
  readonly #latenciesUs: Float64Array;
  /** By connection. */
  readonly #receivedBytes: Float64Array;
  #answered = 0;
  #sent = 0;

  constructor(order: PingOrder, startedAt: number) {
    this.#order = order;
    this.#startedAt = startedAt;
    this.total = order.warmup + order.messages;
    this.#latenciesUs = new Float64Array(order.messages);
    this.#receivedBytes = new Float64Array(order.connections);
  }

  get isDone(): boolean {
    return this.#answered === this.total;
  }

  get unanswered(): number {
    return this.total - this.#answered;
  }

  /** @returns the connection that the next message goes to, or undefined when none is due yet */
  nextDue(now: number): number | undefined {
    if (this.#sent === this.total || this.#dueAt(this.#sent) > now) return undefined;
    return this.#sent++ % this.#order.connections;
  }

  received(connection: number, bytes: number, now: number): void {
    const { messageBytes, connections, warmup } = this.#order;
    const before = this.#receivedBytes[connection] ?? 0;
    this.#receivedBytes[connection] = before + bytes;
    const complete = Math.floor((before + bytes) / messageBytes);
    for (let nth = Math.floor(before / messageBytes); nth < complete; nth++) {
      const message = nth * connections + connection;
      this.#answered++;
      if (message >= warmup) this.#latenciesUs[message - warmup] = (now - this.#dueAt(message)) * 1000;
    }
  }

  result(): PingResult {
    const sorted = this.#latenciesUs.toSorted();
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
    return { p50Us: at(0.5), p99Us: at(0.99), p999Us: at(0.999), maxUs: at(1) };
  }

  #dueAt(message: number): number {
    return this.#startedAt + (message / this.#order.perSecond) * 1000;
  }
}
