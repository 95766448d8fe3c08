import type { TestContext } from 'node:test';
import type { SocketAddress } from '../../../src/core/address.ts';
import type { PairEnd, PeekResult } from '../../../src/core/engine.ts';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import { EngineWorkers, type EngineThread } from '../processes/engine-workers.ts';
import { ANY_PORT } from '../rigs/plane.ts';
import type { PairOrder, PairReport, Moved, PeekOrder } from './pair-desk.ts';
import { connectTo, type Peer } from './peer.ts';

/** The pairs of an engine that runs without policy, told by the test what to do. */
export class Pairs {
  readonly #t: TestContext;
  readonly #thread: EngineThread;
  readonly #address: SocketAddress;
  #clients = 0;

  constructor(t: TestContext, thread: EngineThread, address: SocketAddress) {
    this.#t = t;
    this.#thread = thread;
    this.#address = address;
  }

  /** A client whose pair exists; pairs have numbers in that order. What clients did before, the engine has noticed. */
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

  order(order: PairOrder): void {
    this.#thread.order(order);
  }

  /** Resolves when this was told of a pair so often. */
  async told(type: 'dialled' | 'dialFailed', pair: number, times = 1): Promise<void> {
    await this.#thread.until(() => this.#told(type).filter((report) => report.pair === pair).length === times);
  }

  /** Has a pair look at what its client has sent. */
  peek(order: Omit<PeekOrder, 'type'>): void {
    this.order({ type: 'peek', ...order });
  }

  /** What was seen of the client of a pair, by all peeks. */
  sights(pair: number): readonly Sight[] {
    return this.#told('peeked')
      .filter((report) => report.pair === pair)
      .map(({ bytes, result }) => ({ bytes: Buffer.from(bytes), result }));
  }

  /** Resolves with what was seen last, when that many peeks were answered. */
  async seen(pair: number, times = 1): Promise<Sight> {
    await this.#thread.until(() => this.sights(pair).length >= times);
    return this.sights(pair).at(-1) as Sight;
  }

  /** The own addresses that a pair tells of, as clientAddressText has them. */
  async localAddresses(pair: number): Promise<{ readonly client: string; readonly backend: string }> {
    const { length } = this.#told('localAddresses');
    this.order({ type: 'localAddresses', pair });
    await this.#thread.until(() => this.#told('localAddresses').length > length);
    const { client, backend } = this.#told('localAddresses').at(-1)!;
    return { client, backend };
  }

  /** Has a pair reach a backend and relay. @param preface for the backend, before anything of the client's @param taken of the client's */
  async relay(pair: number, to: SocketAddress, preface?: Uint8Array, taken?: Uint8Array): Promise<void> {
    this.order({ type: 'dial', pair, to });
    await this.told('dialled', pair);
    if (preface !== undefined) this.order({ type: 'preface', pair, bytes: preface });
    if (taken !== undefined) this.order({ type: 'preface', pair, bytes: taken, areClients: true });
    this.order({ type: 'relay', pair });
  }

  /** What a pair that has ended has moved. */
  moved(pair: number): Moved {
    const { rxBytes, txBytes } = this.#told('ended').find((report) => report.pair === pair)!;
    return { rxBytes, txBytes };
  }

  /** Whether the client of a pair that has ended awaited its backend. */
  wasAwaited(pair: number): boolean | undefined {
    return this.#told('ended').find((report) => report.pair === pair)?.wasAwaited;
  }

  /** How a pair ended; undefined while it lives. */
  end(pair: number): PairEnd | undefined {
    return this.#told('ended').find((report) => report.pair === pair)?.end;
  }

  async ended(pair: number): Promise<PairEnd> {
    await this.#thread.until(() => this.end(pair) !== undefined);
    return this.end(pair) as PairEnd;
  }

  /** Bytes alive in the thread's heap. */
  async weigh(): Promise<number> {
    const { length } = this.#told('weighed');
    this.order({ type: 'weigh' });
    await this.#thread.until(() => this.#told('weighed').length > length);
    return this.#told('weighed').at(-1)!.bytes;
  }

  #told<Type extends PairReport['type']>(type: Type): readonly Extract<PairReport, { type: Type }>[] {
    return this.#thread.reports.filter((report) => report.type === type) as Extract<PairReport, { type: Type }>[];
  }
}

/** What a peek has seen. */
export interface Sight {
  readonly bytes: Buffer;
  readonly result: PeekResult;
}

/** Has a thread run the engine and listen. */
export async function startPairs(t: TestContext, kind: EngineKind, at: SocketAddress = ANY_PORT): Promise<Pairs> {
  const thread = await new EngineWorkers(t, kind, 1).start(0, at);
  const listening = () => thread.reports.find((report) => report.type === 'listening');
  await thread.until(() => listening() !== undefined);
  const used = listening()?.at ?? at;
  return new Pairs(t, thread, 'ip' in used && used.ip === '*' ? { ip: '127.0.0.1', port: used.port } : used);
}
