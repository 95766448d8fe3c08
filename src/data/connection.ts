import type { Cause } from '../core/cause.ts';
import type { DialFailure, IdleTimeouts, Link, LinkEnd, LinkOwner } from '../core/engine.ts';
import type { Listed } from '../core/roster.ts';
import type { Candidate } from '../core/snapshot.ts';

/** What a connection asks of its server, and tells it. */
export interface Policy {
  now(): number;
  readonly retries: number;
  /** For one backend, over all its addresses; 0 leaves it to the system. */
  readonly connectTimeoutMs: number;
  readonly idleTimeouts: IdleTimeouts;
  /** Whether there is a backend at all, be it full. */
  readonly hasCandidates: boolean;
  denies(link: Link): boolean;
  /** Takes a place at the server; false at its limit. */
  enter(): boolean;
  leave(): void;
  /** Elects a backend and takes a place at it. @param tried slots that are not asked again */
  take(link: Link, tried: readonly number[]): Candidate | undefined;
  giveBack(backend: Candidate): void;
  connected(backend: Candidate): void;
  dialFailed(backend: Candidate, failure: DialFailure, code: string): void;
  /** Another backend is dialled in place of this one. */
  retried(failed: Candidate): void;
  moved(backend: Candidate, rxBytes: number, txBytes: number): void;
  finished(connection: Connection, cause: Cause): void;
}

const NONE: readonly never[] = [];

const CAUSE_OF_FAILURE = {
  refused: 'SC',
  unreachable: 'SC',
  timeout: 'sC',
  exhausted: 'RC',
} as const satisfies Record<DialFailure, Cause>;

/** How far a connection has come; the order counts. */
const ACCEPTED = 0;
/** It has a place at the server. */
const ENTERED = 1;
/** It has a place at the elected backend, too, which is being dialled. */
const RESERVED = 2;
const CONNECTED = 3;

/**
 * One client from accept to close: the policy of a connection, told step by step.
 *
 *     deny → enter → elect and reserve → dial → (next address | next backend) → relay → ended
 *
 * A reservation is made in `#elect` and given back in `#release`; the server's place is taken in `#enter` and given
 * back in `ended`, which the link calls exactly once for every connection.
 */
export class Connection implements LinkOwner, Listed {
  /** In its server's roster. */
  place = -1;
  readonly #server: Policy;
  readonly #link: Link;
  /** Milliseconds of the engine's clock. Other times count from it in tenths: V8 keeps small integers in place. */
  readonly #acceptedAt: number;
  #stage = ACCEPTED;
  /** The one elected last. */
  #backend: Candidate | undefined;
  #address = 0;
  #dialDeadline = 0;
  #electedAfter = 0;
  #connectedAfter = 0;
  /** Backends whose dial failed, in order. */
  #tried: readonly Candidate[] = NONE;
  /** Decided by us before the link ends. */
  #cause: Cause | undefined;
  #rxBytes = 0;
  #txBytes = 0;

  constructor(server: Policy, link: Link) {
    this.#server = server;
    this.#link = link;
    this.#acceptedAt = server.now();
    link.owner = this;
  }

  /** Takes the first steps. */
  begin(): void {
    if (this.#server.denies(this.#link)) return this.#giveUp('PR');
    if (!this.#enter()) return this.#giveUp('PC');
    this.#electedAfter = this.#elapsed();
    if (!this.#elect()) this.#giveUp(this.#server.hasCandidates ? 'PC' : 'SC');
  }

  /** Cuts it off in the middle. */
  kill(): void {
    this.#cause ??= this.#isConnected() ? 'KD' : 'KC';
    this.#link.reset();
  }

  dialled(): void {
    this.#stage = CONNECTED;
    this.#connectedAfter = this.#elapsed();
    this.#server.connected(this.#chosen());
    this.#link.relay(this.#server.idleTimeouts);
  }

  dialFailed(failure: DialFailure, code: string): void {
    const backend = this.#chosen();
    if (failure !== 'exhausted' && this.#dialNextAddress(backend)) return;
    this.#release();
    this.#stage = ENTERED;
    this.#server.dialFailed(backend, failure, code);
    this.#tried = [...this.#tried, backend];
    if (this.#tried.length > this.#server.retries || !this.#elect()) return this.#giveUp(CAUSE_OF_FAILURE[failure]);
    this.#server.retried(backend);
  }

  moved(rxBytes: number, txBytes: number): void {
    this.#rxBytes += rxBytes;
    this.#txBytes += txBytes;
    this.#server.moved(this.#chosen(), rxBytes, txBytes);
  }

  ended(end: LinkEnd, backendHadFinished: boolean): void {
    this.#release();
    if (this.#stage >= ENTERED) this.#server.leave();
    this.#server.finished(
      this,
      this.#decided(backendHadFinished) ?? causeOf(end, this.#isConnected(), backendHadFinished),
    );
  }

  /** What there is to say of it as it ends. */
  summary(): Summary {
    const endedAfter = this.#elapsed();
    return {
      client: this.#link.clientText,
      backend: this.#isConnected() ? this.#backend : undefined,
      tried: this.#tried.map(({ key }) => key),
      rxBytes: this.#rxBytes,
      txBytes: this.#txBytes,
      queueMs: this.#electedAfter / 10,
      connectMs: ((this.#isConnected() ? this.#connectedAfter : endedAfter) - this.#electedAfter) / 10,
      totalMs: endedAfter / 10,
    };
  }

  #enter(): boolean {
    if (!this.#server.enter()) return false;
    this.#stage = ENTERED;
    return true;
  }

  /** Elects, reserves and dials. @returns false when nobody has room */
  #elect(): boolean {
    const tried = this.#tried.length === 0 ? NONE : this.#tried.map(({ slot }) => slot);
    const backend = this.#server.take(this.#link, tried);
    if (backend === undefined) return false;
    this.#backend = backend;
    this.#stage = RESERVED;
    this.#address = 0;
    this.#dialDeadline = this.#elapsed() + this.#server.connectTimeoutMs * 10;
    this.#dial(backend);
    return true;
  }

  #dialNextAddress(backend: Candidate): boolean {
    if (this.#address + 1 >= backend.addresses.length) return false;
    if (this.#server.connectTimeoutMs > 0 && this.#elapsed() >= this.#dialDeadline) return false;
    this.#address += 1;
    this.#dial(backend);
    return true;
  }

  /** Several addresses share the time of one dial, so that a silent one leaves some to the next. */
  #dial(backend: Candidate): void {
    const address = backend.addresses[this.#address];
    if (address === undefined) throw new RangeError(`backend ${backend.key} has no address ${this.#address}`);
    const left = (this.#dialDeadline - this.#elapsed()) / 10;
    const share = Math.max(1, Math.ceil(left / (backend.addresses.length - this.#address)));
    this.#link.dial(address, this.#server.connectTimeoutMs === 0 ? 0 : share);
  }

  /** Tenths of milliseconds since the accept. */
  #elapsed(): number {
    return Math.round((this.#server.now() - this.#acceptedAt) * 10);
  }

  #giveUp(cause: Cause): void {
    this.#cause = cause;
    this.#link.close();
  }

  #isConnected(): boolean {
    return this.#stage === CONNECTED;
  }

  #chosen(): Candidate {
    if (this.#backend === undefined) throw new TypeError('the connection has no backend');
    return this.#backend;
  }

  #release(): void {
    if (this.#stage >= RESERVED) this.#server.giveBack(this.#chosen());
  }

  #decided(backendHadFinished: boolean): Cause | undefined {
    return this.#cause === 'KD' && backendHadFinished ? 'KL' : this.#cause;
  }
}

/** Times are in milliseconds with one decimal; connectMs is the time spent until a backend was connected or given up. */
export interface Summary {
  readonly client: string;
  /** The one that was connected. */
  readonly backend: Candidate | undefined;
  readonly tried: readonly string[];
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly queueMs: number;
  readonly connectMs: number;
  readonly totalMs: number;
}

function causeOf(end: LinkEnd, isConnected: boolean, backendHadFinished: boolean): Cause {
  switch (end) {
    case 'finished':
      return '--';
    case 'client-reset':
      return isConnected ? (backendHadFinished ? 'CL' : 'CD') : 'CC';
    case 'backend-reset':
      return backendHadFinished ? 'SL' : 'SD';
    case 'client-idle':
      return backendHadFinished ? 'cL' : 'cD';
    case 'backend-idle':
      return backendHadFinished ? 'sL' : 'sD';
    case 'cut':
      return isConnected ? 'KD' : 'KC';
    default:
      return end satisfies never;
  }
}
