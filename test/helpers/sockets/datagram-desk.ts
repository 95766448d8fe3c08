import type { IpAddress, SocketAddress } from '../../../src/core/address.ts';
import type {
  DatagramAcceptor,
  DatagramDrop,
  DatagramEngine,
  DatagramHeader,
  DatagramListener,
  DatagramPair,
  OneWay,
} from '../../../src/core/datagrams.ts';
import type { PairEnd, RelayLimits } from '../../../src/core/engine.ts';
import { clientAddressText } from '../../../src/wire/client-address.ts';

/** How the datagrams of a listener are carried. */
export interface DatagramPolicy {
  readonly backends: readonly SocketAddress[];
  readonly maxRequests?: number;
  readonly maxResponses?: number;
  readonly clientIdleMs?: number;
  readonly backendIdleMs?: number;
  readonly mostSessions?: number;
  /** Datagrams are sent on one by one. */
  readonly isOneWay?: boolean;
  /** Before each datagram to a backend. */
  readonly preface?: Uint8Array;
  /** Before each datagram of a client stands a byte: of how many follow before the payload. */
  readonly hasHeader?: boolean;
  /** A session dials when it is told to. */
  readonly isWaiting?: boolean;
  readonly receiveBufferBytes?: number;
}

export type DatagramOrder =
  | { readonly type: 'close' }
  | { readonly type: 'listen'; readonly at: IpAddress; readonly policy: DatagramPolicy }
  | { readonly type: 'dial'; readonly pair: number }
  | { readonly type: 'end'; readonly pair: number };

export type DatagramReport =
  | { readonly type: 'listening'; readonly at: SocketAddress }
  | { readonly type: 'failed'; readonly code: string }
  | { readonly type: 'closed' }
  | { readonly type: 'accepted'; readonly pair: number; readonly client: string; readonly asked: string }
  | { readonly type: 'dialled'; readonly pair: number; readonly from: string }
  | { readonly type: 'refused' | 'dialFailed'; readonly pair: number; readonly code: string }
  | { readonly type: 'dropped'; readonly why: DatagramDrop; readonly datagrams: number; readonly shortage: string }
  | { readonly type: 'sent'; readonly bytes: number }
  | { readonly type: 'unsent'; readonly code: string }
  | { readonly type: 'ended'; readonly pair: number; readonly end: PairEnd; readonly moved: MovedDatagrams };

export interface MovedDatagrams {
  readonly rx: number;
  readonly tx: number;
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** The barest policy: a session gets the next backend, and another one when that is refused. */
export class DatagramDesk {
  readonly #engine: DatagramEngine;
  readonly #report: (report: DatagramReport) => void;
  readonly #pairs: DatagramPair[] = [];
  #listener: DatagramListener | undefined;
  #policy: DatagramPolicy = { backends: [] };
  #turn = 0;
  #isObeying = false;

  constructor(engine: DatagramEngine, report: (report: DatagramReport) => void) {
    this.#engine = engine;
    this.#report = report;
  }

  obey(order: DatagramOrder): void {
    this.#isObeying = true;
    if (order.type === 'close') this.#listener?.close(() => this.#tell({ type: 'closed' }));
    else if (order.type === 'listen') this.#listen(order.at, order.policy);
    else if (order.type === 'dial') this.#dial(order.pair);
    else this.#pairs[order.pair]?.close();
    this.#isObeying = false;
  }

  #listen(address: IpAddress, policy: DatagramPolicy): void {
    const { datagrams } = this.#engine;
    if (datagrams === undefined) throw new Error(`${this.#engine.kind} carries no datagrams`);
    this.#policy = policy;
    const acceptor: DatagramAcceptor = {
      listening: (at) => this.#tell({ type: 'listening', at }),
      listenFailed: (error) => this.#tell({ type: 'failed', code: (error as NodeJS.ErrnoException).code ?? '' }),
      noResources: () => undefined,
      accepted: (pair) => this.#accepted(pair),
      oneWay: policy.isOneWay === true ? this.#oneWay() : undefined,
      header: policy.hasHeader === true ? countedHeader() : undefined,
      dropped: (why, datagrams_, shortage = '') =>
        this.#report({ type: 'dropped', why, datagrams: datagrams_, shortage }),
    };
    const { mostSessions = 1000, receiveBufferBytes = 1024 * 1024 } = policy;
    this.#listener = datagrams.listen({ address, acceptor, mostSessions, receiveBufferBytes });
  }

  #accepted(pair: DatagramPair): void {
    const number = this.#pairs.push(pair) - 1;
    const tell = (report: DatagramReport): void => this.#tell(report);
    const moved = { rx: 0, tx: 0, rxBytes: 0, txBytes: 0 };
    pair.owner = {
      dialled: () => {
        tell({ type: 'dialled', pair: number, from: clientAddressText(pair.backendLocalAddress()) });
        if (this.#policy.preface !== undefined) pair.preface(this.#policy.preface);
        pair.relay(limitsOf(this.#policy));
      },
      dialFailed: ({ code }) => {
        tell({ type: 'dialFailed', pair: number, code });
        pair.close();
      },
      refused: (code) => {
        tell({ type: 'refused', pair: number, code });
        this.#dial(number);
      },
      moved(rxBytes, txBytes) {
        moved.rxBytes += rxBytes;
        moved.txBytes += txBytes;
      },
      movedDatagrams(rx, tx) {
        moved.rx += rx;
        moved.tx += tx;
      },
      ended: (end) => tell({ type: 'ended', pair: number, end, moved: { ...moved } }),
    };
    const client = clientAddressText(pair.clientAddress);
    tell({ type: 'accepted', pair: number, client, asked: clientAddressText(pair.localAddress()) });
    if (this.#policy.isWaiting !== true) this.#dial(number);
  }

  #dial(number: number): void {
    const to = this.#next();
    if (to === undefined) this.#pairs[number]?.close();
    else this.#pairs[number]?.dial(to, 0);
  }

  #next(): SocketAddress | undefined {
    const { backends } = this.#policy;
    return backends[this.#turn++ % backends.length];
  }

  #oneWay(): OneWay {
    return {
      elect: () => this.#next(),
      sent: (bytes) => this.#report({ type: 'sent', bytes }),
      failed: (code) => this.#report({ type: 'unsent', code }),
    };
  }

  #tell(report: DatagramReport): void {
    if (this.#isObeying) throw new Error(`${report.type} from within a call`);
    this.#report(report);
  }
}

function limitsOf({
  maxRequests = 0,
  maxResponses = 0,
  clientIdleMs = 0,
  backendIdleMs = 0,
}: DatagramPolicy): RelayLimits {
  return {
    client: { idleMs: clientIdleMs, finMs: 0 },
    backend: { idleMs: backendIdleMs, finMs: 0 },
    unacknowledgedMs: 0,
    keepAlive: { idleMs: 0, intervalMs: 1_000, count: 9 },
    datagrams: { maxRequests, maxResponses },
  };
}

/** A header as simple as can be: its length, then the ClientAddress that it names. */
function countedHeader(): DatagramHeader {
  let client = '';
  return {
    read(datagram) {
      const [length = 0] = datagram;
      if (length >= datagram.length) return -1;
      client = String.fromCharCode(...datagram.subarray(1, 1 + length));
      return 1 + length;
    },
    get client() {
      return client;
    },
  };
}
