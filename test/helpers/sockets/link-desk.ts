import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { SocketAddress } from '../../../src/core/address.ts';
import type { Engine, Link, LinkEnd, PeekResult, SharedSocket } from '../../../src/core/engine.ts';

export interface Door {
  readonly address: SocketAddress;
  readonly socket: SharedSocket | undefined;
}

/** What is to be done with a link, by its number in the order of their accepting. */
export type LinkOrder =
  | { readonly type: 'wait' | 'relay' | 'close' | 'reset'; readonly link: number }
  | { readonly type: 'dial'; readonly link: number; readonly to: SocketAddress }
  | PeekOrder
  | { readonly type: 'preface'; readonly link: number; readonly bytes: Uint8Array }
  | { readonly type: 'weigh' };

export interface PeekOrder {
  readonly type: 'peek';
  readonly link: number;
  readonly atLeast: number;
  /** From now to the deadline. */
  readonly ms: number;
  /** With each answer it asks for one byte more than there were, until there are so many. */
  readonly upTo?: number;
}

export type LinkReport =
  | { readonly type: 'listening'; readonly at: SocketAddress }
  | { readonly type: 'accepted'; readonly link: number }
  | { readonly type: 'dialled'; readonly link: number }
  | { readonly type: 'dialFailed'; readonly link: number }
  | { readonly type: 'peeked'; readonly link: number; readonly bytes: Uint8Array; readonly result: PeekResult }
  /** Bytes in all. */
  | ({ readonly type: 'ended'; readonly link: number; readonly end: LinkEnd } & Moved)
  /** What is alive in the thread's heap. */
  | { readonly type: 'weighed'; readonly bytes: number };

/** Bytes that the engine has told of. */
export interface Moved {
  readonly rxBytes: number;
  readonly txBytes: number;
}

const NO_LIMITS = { clientMs: 0, backendMs: 0 };

/** Holds the links of an engine, does with each what it is told, and tells what becomes of it. */
export class LinkDesk {
  readonly #links: Link[] = [];
  readonly #engine: Engine;
  readonly #report: (report: LinkReport) => void;
  #isObeying = false;

  constructor(engine: Engine, { address, socket }: Door, report: (report: LinkReport) => void) {
    this.#engine = engine;
    this.#report = report;
    const acceptor = {
      listening: (at: SocketAddress) => report({ type: 'listening', at }),
      listenFailed(error: Error) {
        throw error;
      },
      accepted: (link: Link) => this.#accepted(link),
      paused: () => undefined,
      turnedAway: () => undefined,
    };
    engine.listen({ address, acceptor, socket });
  }

  obey(order: LinkOrder): void {
    if (order.type === 'weigh') {
      this.#report({ type: 'weighed', bytes: liveBytes() });
      return;
    }
    const link = this.#links[order.link];
    if (link === undefined) throw new RangeError(`there is no link ${order.link}`);
    this.#isObeying = true;
    if (order.type === 'dial') link.dial(order.to, 0);
    else if (order.type === 'relay') link.relay(NO_LIMITS);
    else if (order.type === 'peek') this.#peek(link, order);
    else if (order.type === 'preface') link.preface(order.bytes);
    else link[order.type]();
    this.#isObeying = false;
  }

  #peek(link: Link, order: PeekOrder): void {
    const deadline = this.#engine.now() + order.ms;
    const ask = (atLeast: number): void => {
      link.peek({ atLeast, deadline }, { peeked });
    };
    const peeked = (bytes: Uint8Array, result: PeekResult): void => {
      this.#tell({ type: 'peeked', link: order.link, bytes: bytes.slice(), result });
      if (result === 'enough' && bytes.length < (order.upTo ?? 0)) ask(bytes.length + 1);
    };
    ask(order.atLeast);
  }

  #tell(report: LinkReport): void {
    if (this.#isObeying) throw new Error(`${report.type} from within a call`);
    this.#report(report);
  }

  #accepted(link: Link): void {
    const number = this.#links.push(link) - 1;
    const tell = (report: LinkReport): void => this.#tell(report);
    const moved = { rxBytes: 0, txBytes: 0 };
    link.owner = {
      dialled: () => tell({ type: 'dialled', link: number }),
      dialFailed: () => tell({ type: 'dialFailed', link: number }),
      moved(rxBytes, txBytes) {
        if (rxBytes < 0 || txBytes < 0) throw new RangeError(`moved ${rxBytes}, ${txBytes} bytes`);
        moved.rxBytes += rxBytes;
        moved.txBytes += txBytes;
      },
      ended: (end) => tell({ type: 'ended', link: number, end, ...moved }),
    };
    this.#report({ type: 'accepted', link: number });
  }
}

setFlagsFromString('--expose-gc');
/** Got once: each new context weighs more than what is to be weighed. */
const collectGarbage = runInNewContext('gc') as () => void;

function liveBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
