import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { SocketAddress } from '../../../src/core/address.ts';
import type { Engine, ProxiedPair, PairEnd, PeekResult, RelayLimits, SharedSocket } from '../../../src/core/engine.ts';
import { clientAddressText } from '../../../src/wire/client-address.ts';

export interface ListenTarget {
  readonly address: SocketAddress;
  readonly socket: SharedSocket | undefined;
}

/** What is to be done with a pair, by its number in the order of their accepting. */
export type PairOrder =
  | { readonly type: 'wait' | 'relay' | 'reset'; readonly pair: number }
  | { readonly type: 'close'; readonly pair: number; readonly lastWords?: Uint8Array }
  | { readonly type: 'dial'; readonly pair: number; readonly to: SocketAddress }
  | PeekOrder
  | { readonly type: 'preface'; readonly pair: number; readonly bytes: Uint8Array; readonly areClients?: boolean }
  | { readonly type: 'take'; readonly pair: number; readonly length: number }
  | { readonly type: 'localAddresses'; readonly pair: number }
  | { readonly type: 'weigh' };

export interface PeekOrder {
  readonly type: 'peek';
  readonly pair: number;
  readonly atLeast: number;
  /** From now to the deadline. */
  readonly ms: number;
  /** With each answer it asks for one byte more than there were, until there are so many. */
  readonly upTo?: number;
}

export type PairReport =
  | { readonly type: 'listening'; readonly at: SocketAddress }
  | { readonly type: 'accepted'; readonly pair: number }
  | { readonly type: 'dialled'; readonly pair: number }
  | { readonly type: 'dialFailed'; readonly pair: number }
  /** As clientAddressText has them. */
  | { readonly type: 'localAddresses'; readonly pair: number; readonly client: string; readonly backend: string }
  | { readonly type: 'peeked'; readonly pair: number; readonly bytes: Uint8Array; readonly result: PeekResult }
  /** Bytes in all. */
  | ({ readonly type: 'ended'; readonly pair: number; readonly end: PairEnd; readonly wasAwaited: boolean } & Moved)
  /** What is alive in the thread's heap. */
  | { readonly type: 'weighed'; readonly bytes: number };

/** Bytes that the engine has told of. */
export interface Moved {
  readonly rxBytes: number;
  readonly txBytes: number;
}

const NO_LIMITS: RelayLimits = {
  client: { idleMs: 0, finMs: 0 },
  backend: { idleMs: 0, finMs: 0 },
  unacknowledgedMs: 0,
  keepAlive: { idleMs: 0, intervalMs: 1_000, count: 9 },
};

/** Holds the pairs of an engine, does with each what it is told, and tells what becomes of it. */
export class PairDesk {
  readonly #pairs: ProxiedPair[] = [];
  readonly #engine: Engine;
  readonly #report: (report: PairReport) => void;
  #isObeying = false;

  constructor(engine: Engine, { address, socket }: ListenTarget, report: (report: PairReport) => void) {
    this.#engine = engine;
    this.#report = report;
    const acceptor = {
      listening: (at: SocketAddress) => report({ type: 'listening', at }),
      listenFailed(error: Error) {
        throw error;
      },
      accepted: (pair: ProxiedPair) => this.#accepted(pair),
      acceptedReset: () => undefined,
      paused: () => undefined,
      noResources: () => undefined,
    };
    engine.listen({ address, acceptor, socket });
  }

  obey(order: PairOrder): void {
    if (order.type === 'weigh') {
      this.#report({ type: 'weighed', bytes: liveBytes() });
      return;
    }
    const pair = this.#pairs[order.pair];
    if (pair === undefined) throw new RangeError(`there is no pair ${order.pair}`);
    this.#isObeying = true;
    if (order.type === 'dial') pair.dial(order.to, 0);
    else if (order.type === 'relay') pair.relay(NO_LIMITS);
    else if (order.type === 'peek') this.#peek(pair, order);
    else if (order.type === 'preface') pair.preface(order.bytes, order.areClients);
    else if (order.type === 'take') pair.take(order.length);
    else if (order.type === 'localAddresses') this.#tellLocalAddresses(pair, order.pair);
    else if (order.type === 'wait') pair.wait(NO_LIMITS.keepAlive);
    else if (order.type === 'close') pair.close(order.lastWords);
    else pair[order.type]();
    this.#isObeying = false;
  }

  #peek(pair: ProxiedPair, order: PeekOrder): void {
    const deadline = this.#engine.now() + order.ms;
    const ask = (atLeast: number): void => {
      pair.peek({ atLeast, deadline }, { peeked });
    };
    const peeked = (bytes: Uint8Array, result: PeekResult): void => {
      this.#tell({ type: 'peeked', pair: order.pair, bytes: bytes.slice(), result });
      if (result === 'enough' && bytes.length < (order.upTo ?? 0)) ask(bytes.length + 1);
    };
    ask(order.atLeast);
  }

  #tellLocalAddresses(pair: ProxiedPair, number: number): void {
    const client = clientAddressText(pair.localAddress());
    const backend = clientAddressText(pair.backendLocalAddress());
    this.#report({ type: 'localAddresses', pair: number, client, backend });
  }

  #tell(report: PairReport): void {
    if (this.#isObeying) throw new Error(`${report.type} from within a call`);
    this.#report(report);
  }

  #accepted(pair: ProxiedPair): void {
    const number = this.#pairs.push(pair) - 1;
    const tell = (report: PairReport): void => this.#tell(report);
    const moved = { rxBytes: 0, txBytes: 0 };
    pair.owner = {
      dialled: () => tell({ type: 'dialled', pair: number }),
      dialFailed: () => tell({ type: 'dialFailed', pair: number }),
      moved(rxBytes, txBytes) {
        if (rxBytes < 0 || txBytes < 0) throw new RangeError(`moved ${rxBytes}, ${txBytes} bytes`);
        moved.rxBytes += rxBytes;
        moved.txBytes += txBytes;
      },
      ended: (end) => tell({ type: 'ended', pair: number, end, wasAwaited: pair.wasAwaited, ...moved }),
    };
    this.#report({ type: 'accepted', pair: number });
  }
}

setFlagsFromString('--expose-gc');
/** Got once: each new context weighs more than what is to be weighed. */
const collectGarbage = runInNewContext('gc') as () => void;

function liveBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
