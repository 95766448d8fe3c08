import { addressText, type IpAddress, type SocketAddress } from '../../../src/core/address.ts';
import type {
  Acceptor,
  Calls,
  ClientAddress,
  DialFailure,
  Engine,
  RelayLimits,
  ProxiedPair,
  PairEnd,
  PairOwner,
  Listener,
  ListenOptions,
  Peeker,
  PeekOptions,
  PeekResult,
} from '../../../src/core/engine.ts';
import { clientAddressOf } from '../../../src/wire/client-address.ts';
import { FakeClock } from './fake-clock.ts';

/** An engine without sockets: the test opens pairs and says what becomes of them. */
export class FakeEngine implements Engine {
  readonly kind = 'net';
  readonly clock: FakeClock;
  /** All that were asked for, in order. */
  readonly listeners: FakeListener[] = [];

  readonly calls: Calls;
  /** Whom those of the other threads reach, by index of the worker. */
  readonly #board: Map<number, () => void>;

  /** @param board one for all engines whose threads are to call each other */
  constructor(clock = new FakeClock(1_000), workerIndex = 0, board = new Map<number, () => void>()) {
    this.clock = clock;
    this.#board = board;
    this.calls = {
      workerIndex,
      call: (called) => this.#board.get(called)?.(),
      onCall: (answer) => this.#board.set(workerIndex, answer),
    };
  }

  now(): number {
    return this.clock.now();
  }

  every(ms: number, run: () => void): { cancel(): void } {
    return this.clock.every(ms, run);
  }

  listen({ address, acceptor }: ListenOptions): Listener {
    const listener = new FakeListener(address, acceptor);
    this.listeners.push(listener);
    return listener;
  }
}

/** A listener that the test opens or fails, and lets clients in by. */
export class FakeListener implements Listener {
  readonly bind: string;
  readonly #address: SocketAddress;
  readonly #acceptor: Acceptor;
  isClosed = false;
  #closed: (() => void) | undefined;

  constructor(address: SocketAddress, acceptor: Acceptor) {
    this.bind = addressText(address);
    this.#address = address;
    this.#acceptor = acceptor;
  }

  opens(): void {
    this.#acceptor.listening(this.#address);
  }

  fails(error: Error): void {
    this.isClosed = true;
    this.#acceptor.listenFailed(error);
  }

  accepts(pair = new FakePair()): FakePair {
    if (this.isClosed) throw new Error(`${this.bind} is closed`);
    this.#acceptor.accepted(pair);
    return pair;
  }

  turnsAway(reason: string): void {
    this.#acceptor.noResources(reason);
  }

  /** Those who wait are still let in, until the test says that it has closed. */
  close(closed: () => void): void {
    if (this.#closed !== undefined) throw new Error(`${this.bind} closes once`);
    this.#closed = closed;
  }

  get isClosing(): boolean {
    return this.#closed !== undefined;
  }

  closes(): void {
    if (this.#closed === undefined) throw new Error(`${this.bind} was not asked to close`);
    this.isClosed = true;
    this.#closed();
  }
}

/** Where a pair is. The owner's calls ask for something (`dialling`, `ending`); the test answers. */
export type PairState = 'accepted' | 'waiting' | 'dialling' | 'failed' | 'dialled' | 'relaying' | 'ending' | 'ended';

/** A pair of no sockets that holds its owner to the contract. */
export class FakePair implements ProxiedPair {
  owner!: PairOwner;
  readonly clientAddress: ClientAddress;
  state: PairState = 'accepted';
  /** What was dialled, in order, and the time each was given. */
  readonly dials: string[] = [];
  readonly dialTimeouts: number[] = [];
  /** Dials that are under way, in order. */
  underWay: { readonly to: SocketAddress; readonly from: IpAddress | undefined }[] = [];
  limits: RelayLimits | undefined;
  /** The peek that is under way. */
  peeking: { readonly wanted: PeekOptions; readonly peeker: Peeker } | undefined;
  /** What the backend was to get first. */
  prefaced: Buffer | undefined;
  /** Of the client's, after that. */
  keptFirst: Buffer | undefined;
  /** Bytes that were taken. */
  takenBytes = 0;
  /** To be set before they are asked for. */
  ownAddress: ClientAddress = clientAddressOf('192.0.2.9', 443);
  ownBackendAddress: ClientAddress = clientAddressOf('10.0.0.9', 40_000);
  endedBy: 'close' | 'reset' | undefined;
  /** What the client was told before, in hex. */
  lastWords = '';
  /** To be set before it ends. */
  wasAwaited = false;
  #isWithin = false;

  constructor(ip = '192.0.2.1', port = 5_000) {
    this.clientAddress = clientAddressOf(ip, port);
  }

  peek(wanted: PeekOptions, peeker: Peeker): void {
    this.allow('peek', 'accepted', 'failed');
    this.peeking = { wanted, peeker };
  }

  wait(): void {
    this.allow('wait', 'accepted', 'failed');
    this.peeking = undefined;
    this.state = 'waiting';
  }

  dial(to: SocketAddress, timeoutMs: number, from?: IpAddress): void {
    this.allow('dial', 'accepted', 'waiting', 'failed', 'dialling');
    this.dials.push(addressText(to));
    this.underWay.push({ to, from });
    this.dialTimeouts.push(timeoutMs);
    this.peeking = undefined;
    this.state = 'dialling';
  }

  take(length: number): void {
    this.allow('take', 'accepted');
    if (this.peeking !== undefined) throw new Error('take while a peek is under way');
    this.takenBytes += length;
  }

  localAddress(): ClientAddress {
    return this.ownAddress;
  }

  backendLocalAddress(): ClientAddress {
    this.allow('backendLocalAddress', 'dialled');
    return this.ownBackendAddress;
  }

  preface(bytes: Uint8Array, areClients = false): void {
    this.allow('preface', 'dialled');
    if (areClients) this.keptFirst = Buffer.from(bytes);
    else if (this.prefaced !== undefined || this.keptFirst !== undefined)
      throw new Error('our own bytes come first, once');
    else this.prefaced = Buffer.from(bytes);
  }

  relay(limits: RelayLimits): void {
    this.allow('relay', 'dialled');
    this.limits = limits;
    this.state = 'relaying';
  }

  close(lastWords?: Uint8Array): void {
    if (this.state !== 'ending') this.lastWords = lastWords === undefined ? '' : Buffer.from(lastWords).toString('hex');
    this.#end('close');
  }

  reset(): void {
    this.#end('reset');
  }

  // What the test makes happen.

  shows(bytes: Uint8Array, result: PeekResult): void {
    const { peeking } = this;
    if (peeking === undefined) throw new Error('nobody peeks');
    this.peeking = undefined;
    this.tell(() => peeking.peeker.peeked(bytes, result));
  }

  /** The dial that was begun first does, or the one of this number. */
  connects(number = 0): void {
    this.allow('connect', 'dialling');
    const to = this.underWay[number]?.to;
    if (to === undefined) throw new Error(`there is no dial ${number}`);
    this.underWay = [];
    this.state = 'dialled';
    this.tell(() => this.owner.dialled(to));
  }

  /** The dial that was begun first does. */
  fails(failure: DialFailure, code = 'ECONNREFUSED'): void {
    this.allow('fail', 'dialling');
    const dial = this.underWay.shift();
    if (dial === undefined) throw new Error('there is no dial');
    if (this.underWay.length === 0) this.state = 'failed';
    this.tell(() => this.owner.dialFailed({ failure, code, ...dial }));
  }

  moves(rxBytes: number, txBytes: number): void {
    this.allow('move', 'relaying', 'ending');
    this.tell(() => this.owner.moved(rxBytes, txBytes));
  }

  ends(end: PairEnd, backendHadFinished = false, unacknowledgedBytes = 0): void {
    if (this.state === 'ended') throw new Error('a pair ends once');
    this.state = 'ended';
    this.peeking = undefined;
    this.tell(() => this.owner.ended(end, backendHadFinished, unacknowledgedBytes));
  }

  #end(by: 'close' | 'reset'): void {
    if (this.state === 'ended') throw new Error(`${by} after the end`);
    this.endedBy ??= by;
    this.state = 'ending';
  }

  protected allow(what: string, ...states: readonly PairState[]): void {
    if (!states.includes(this.state)) throw new Error(`${what} while ${this.state}`);
  }

  /** An engine never calls back from within a call made to it. */
  protected tell(call: () => void): void {
    if (this.#isWithin) throw new Error('called back from within a call');
    this.#isWithin = true;
    call();
    this.#isWithin = false;
  }
}
