import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { SocketAddress } from '../../../src/core/address.ts';
import type { Engine, Link, LinkEnd, SharedSocket } from '../../../src/core/engine.ts';

export interface Door {
  readonly address: SocketAddress;
  readonly socket: SharedSocket | undefined;
}

/** What is to be done with a link, by its number in the order of their accepting. */
export type LinkOrder =
  | { readonly type: 'wait' | 'relay' | 'close' | 'reset'; readonly link: number }
  | { readonly type: 'dial'; readonly link: number; readonly to: SocketAddress }
  | { readonly type: 'weigh' };

export type LinkReport =
  | { readonly type: 'listening'; readonly at: SocketAddress }
  | { readonly type: 'accepted'; readonly link: number }
  | { readonly type: 'dialled'; readonly link: number }
  | { readonly type: 'dialFailed'; readonly link: number }
  | { readonly type: 'ended'; readonly link: number; readonly end: LinkEnd }
  /** What is alive in the thread's heap. */
  | { readonly type: 'weighed'; readonly bytes: number };

const NO_LIMITS = { clientMs: 0, backendMs: 0 };

/** Holds the links of an engine, does with each what it is told, and tells what becomes of it. */
export class LinkDesk {
  readonly #links: Link[] = [];
  readonly #report: (report: LinkReport) => void;
  #isObeying = false;

  constructor(engine: Engine, { address, socket }: Door, report: (report: LinkReport) => void) {
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
    else link[order.type]();
    this.#isObeying = false;
  }

  #accepted(link: Link): void {
    const number = this.#links.push(link) - 1;
    const tell = (report: LinkReport): void => {
      if (this.#isObeying) throw new Error(`${report.type} from within a call`);
      this.#report(report);
    };
    link.owner = {
      dialled: () => tell({ type: 'dialled', link: number }),
      dialFailed: () => tell({ type: 'dialFailed', link: number }),
      moved: () => undefined,
      ended: (end) => tell({ type: 'ended', link: number, end }),
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
