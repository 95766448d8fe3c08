import type { TestContext } from 'node:test';
import type { SocketAddress } from '../../../src/core/address.ts';
import type { LinkEnd, PeekResult } from '../../../src/core/engine.ts';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import { EngineCrew, type EngineThread } from '../processes/engine-crew.ts';
import { ANY_PORT } from '../rigs/plane.ts';
import type { LinkOrder, LinkReport, Moved, PeekOrder } from './link-desk.ts';
import { connectTo, type Peer } from './peer.ts';

/** The links of an engine that runs without policy, told by the test what to do. */
export class Links {
  readonly #t: TestContext;
  readonly #thread: EngineThread;
  readonly #address: SocketAddress;
  #clients = 0;

  constructor(t: TestContext, thread: EngineThread, address: SocketAddress) {
    this.#t = t;
    this.#thread = thread;
    this.#address = address;
  }

  /** A client whose link exists; links have numbers in that order. What clients did before, the engine has noticed. */
  async accept(): Promise<Peer> {
    const [client] = await this.acceptMany(1);
    return client as Peer;
  }

  async acceptMany(count: number): Promise<readonly Peer[]> {
    const clients = Array.from({ length: count }, () => connectTo(this.#t, this.#address));
    this.#clients += count;
    await this.#thread.until(() => this.#told('accepted').length === this.#clients);
    return clients;
  }

  order(order: LinkOrder): void {
    this.#thread.order(order);
  }

  /** Resolves when this was told of a link so often. */
  async told(type: 'dialled' | 'dialFailed', link: number, times = 1): Promise<void> {
    await this.#thread.until(() => this.#told(type).filter((report) => report.link === link).length === times);
  }

  /** Has a link look at what its client has sent. */
  peek(order: Omit<PeekOrder, 'type'>): void {
    this.order({ type: 'peek', ...order });
  }

  /** What was seen of the client of a link, by all peeks. */
  sights(link: number): readonly Sight[] {
    return this.#told('peeked')
      .filter((report) => report.link === link)
      .map(({ bytes, result }) => ({ bytes: Buffer.from(bytes), result }));
  }

  /** Resolves with what was seen last, when that many peeks were answered. */
  async seen(link: number, times = 1): Promise<Sight> {
    await this.#thread.until(() => this.sights(link).length >= times);
    return this.sights(link).at(-1) as Sight;
  }

  /** Has a link reach a backend and relay. @param preface for the backend, before anything of the client's */
  async relay(link: number, to: SocketAddress, preface?: Uint8Array): Promise<void> {
    this.order({ type: 'dial', link, to });
    await this.told('dialled', link);
    if (preface !== undefined) this.order({ type: 'preface', link, bytes: preface });
    this.order({ type: 'relay', link });
  }

  /** What a link that has ended has moved. */
  moved(link: number): Moved {
    const { rxBytes, txBytes } = this.#told('ended').find((report) => report.link === link)!;
    return { rxBytes, txBytes };
  }

  /** How a link ended; undefined while it lives. */
  end(link: number): LinkEnd | undefined {
    return this.#told('ended').find((report) => report.link === link)?.end;
  }

  async ended(link: number): Promise<LinkEnd> {
    await this.#thread.until(() => this.end(link) !== undefined);
    return this.end(link) as LinkEnd;
  }

  /** Bytes alive in the thread's heap. */
  async weigh(): Promise<number> {
    const { length } = this.#told('weighed');
    this.order({ type: 'weigh' });
    await this.#thread.until(() => this.#told('weighed').length > length);
    return this.#told('weighed').at(-1)!.bytes;
  }

  #told<Type extends LinkReport['type']>(type: Type): readonly Extract<LinkReport, { type: Type }>[] {
    return this.#thread.reports.filter((report) => report.type === type) as Extract<LinkReport, { type: Type }>[];
  }
}

/** What a peek has seen. */
export interface Sight {
  readonly bytes: Buffer;
  readonly result: PeekResult;
}

/** Has a thread run the engine and listen. */
export async function startLinks(t: TestContext, kind: EngineKind, at: SocketAddress = ANY_PORT): Promise<Links> {
  const thread = await new EngineCrew(t, kind, 1).seat(0, at);
  const listening = () => thread.reports.find((report) => report.type === 'listening');
  await thread.until(() => listening() !== undefined);
  return new Links(t, thread, listening()?.at ?? at);
}
