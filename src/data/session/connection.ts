import type { Cause } from '../../core/cause.ts';
import type { ConnectionStage } from '../../core/connection-list.ts';
import type { DialFailure, ProxiedPair, PairEnd, PairOwner } from '../../core/engine.ts';
import type { Listed } from '../../core/roster.ts';
import type { Candidate } from '../../core/snapshot.ts';
import { UNTRACKED } from './clients.ts';
import { CAUSE_OF_DIAL_FAILURE, causeAfterBackendFinished, causeOfEnd } from './end-cause.ts';
import type { ServerParts } from './parts.ts';
import type { QueuedClient, QueueEntry } from './thread-queue.ts';
import type { Summary } from './recorder.ts';

const NONE: readonly never[] = [];

/** One that has waited so long asks those again that failed it: or it held up others to whom they are open. */
const FORGIVES_AFTER_MS = 1_000;

/** How far a connection has come; the order counts. */
const ACCEPTED = 0;
/** It has a place at the server. */
const ENTERED = 1;
/** All backends are full, or none is up. */
const WAITING = 2;
/** It has a place at the elected backend, too, which is being dialled. */
const RESERVED = 3;
const CONNECTED = 4;

/**
 * One client from accept to close: the policy of a connection, told step by step.
 *
 *     deny → admit → enter → elect and reserve | wait → dial → (next address | next backend | wait) → relay → ended
 *
 * A reservation is made in `#elect` and given back in `#release`; the places of its client and at the server are taken
 * in `begin` and given back in `ended`, which the pair calls exactly once for every connection.
 */
export class Connection implements PairOwner, Listed, QueuedClient {
  /** In its server's roster. */
  place = -1;
  /** Of no other connection of this thread; those that came later have higher ones. */
  readonly number: number;
  readonly #server: ServerParts;
  readonly #pair: ProxiedPair;
  /** Milliseconds of the engine's clock. Other times count from it in tenths: V8 keeps small integers in place. */
  readonly #acceptedAt: number;
  #stage = ACCEPTED;
  /** Its client among those that are counted. */
  #client = UNTRACKED;
  /** Its place in the queue, which it keeps until a backend is connected. */
  #entry: QueueEntry | undefined;
  /** The one elected last. */
  #backend: Candidate | undefined;
  #address = 0;
  #dialDeadline = 0;
  #electedAfter = 0;
  #connectedAfter = 0;
  /** Backends whose dial failed, in order. */
  #tried: readonly Candidate[] = NONE;
  /** Decided by us before the pair ends. */
  #cause: Cause | undefined;
  #rxBytes = 0;
  #txBytes = 0;

  constructor(server: ServerParts, pair: ProxiedPair, number: number) {
    this.number = number;
    this.#server = server;
    this.#pair = pair;
    this.#acceptedAt = server.clock.now();
    pair.owner = this;
  }

  /** Takes the first steps. */
  begin(): void {
    const { admission, picker, waitQueue } = this.#server;
    if (!admission.allows(this.#pair)) return this.#giveUp('PR');
    const client = admission.enterClient(this.#pair);
    if (client === undefined) return this.#giveUp('PR');
    this.#client = client;
    if (!admission.enterServer()) return this.#giveUp('PC');
    this.#stage = ENTERED;
    if (waitQueue.hasOthers || !this.#elect()) this.#waitOr(picker.isUp(NONE) ? 'PC' : 'SC');
  }

  serve(): boolean {
    if (this.#elect() || (this.#hasForgiven() && this.#elect(NONE))) {
      this.#leaveQueue();
      return true;
    }
    // Nobody is up any more: what is left to wait for, whoever comes now does not get either.
    if (this.#server.waitQueue.mayWait(NONE)) return false;
    this.#stopWaiting('SC');
    return true;
  }

  expire(): void {
    this.#stopWaiting('sQ');
  }

  /** Cuts it off in the middle. */
  kill(): void {
    this.#cause ??= this.#isConnected() ? 'KD' : this.#stage === WAITING ? 'KQ' : 'KC';
    if (this.#stage === WAITING) {
      this.#leaveQueue();
      this.#stage = ENTERED;
    }
    this.#pair.reset();
  }

  /** Cuts it off from a backend that is down. */
  cutFrom(slot: number): void {
    if (!this.#isConnected() || this.#chosen().slot !== slot) return;
    this.#cause ??= 'DD';
    this.#pair.reset();
  }

  dialled(): void {
    const { outliers, recorder, settings } = this.#server;
    this.#stage = CONNECTED;
    if (this.#entry !== undefined) recorder.waited(this.#electedAfter);
    this.#entry = undefined;
    this.#connectedAfter = this.#elapsed();
    outliers.connected(this.#pair, this.#chosen());
    recorder.connected(this.#chosen(), this.#connectedAfter - this.#electedAfter);
    this.#pair.relay(settings.idleTimeouts);
  }

  dialFailed(failure: DialFailure, code: string): void {
    const { outliers, recorder, settings } = this.#server;
    const backend = this.#chosen();
    if (failure !== 'exhausted') {
      if (this.#dialNextAddress(backend)) return;
      outliers.failed(this.#pair, backend, code);
    }
    recorder.dialFailed(backend, { failure, code });
    this.#release();
    this.#stage = ENTERED;
    if (!this.#hasTried(backend)) this.#tried = [...this.#tried, backend];
    const cause = CAUSE_OF_DIAL_FAILURE[failure];
    if (this.#tried.length > settings.limits.retries) return this.#giveUp(cause);
    if (this.#elect()) recorder.retried(backend);
    else this.#waitOr(cause);
  }

  moved(rxBytes: number, txBytes: number): void {
    this.#rxBytes += rxBytes;
    this.#txBytes += txBytes;
    this.#server.recorder.moved(this.#chosen(), rxBytes, txBytes);
  }

  ended(end: PairEnd, backendHadFinished: boolean): void {
    const { admission, outliers, recorder, left } = this.#server;
    const decided =
      backendHadFinished && this.#cause !== undefined ? causeAfterBackendFinished(this.#cause) : this.#cause;
    const cause = decided ?? this.#causeOf(end, backendHadFinished);
    if (end === 'backend-reset' && this.#rxBytes === 0) outliers.failed(this.#pair, this.#chosen(), 'ECONNRESET');
    if (this.#stage === WAITING) this.#leaveQueue();
    if (this.#entry !== undefined) recorder.waited(this.#electedAfter);
    this.#release();
    if (this.#stage >= ENTERED) admission.leaveServer();
    if (this.#client !== UNTRACKED) admission.leaveClient(this.#client);
    if (this.#isConnected()) recorder.served(this.#elapsed(), this.#rxBytes + this.#txBytes);
    recorder.finished(this, cause);
    left(this);
  }

  /** Undefined once it is being closed. */
  get stage(): ConnectionStage | undefined {
    if (this.#cause !== undefined) return undefined;
    if (this.#isConnected()) return 'connected';
    return this.#stage === WAITING ? 'queued' : 'connecting';
  }

  /** The one that it is connected to, or that is being dialled. */
  get backend(): Candidate | undefined {
    return this.#stage >= RESERVED ? this.#backend : undefined;
  }

  get serverName(): string {
    return this.#server.name;
  }

  get clientText(): string {
    return this.#pair.clientText;
  }

  /** From the backend, as the engine has last reported them: about once a second. */
  get rxBytes(): number {
    return this.#rxBytes;
  }

  /** To the backend, likewise. */
  get txBytes(): number {
    return this.#txBytes;
  }

  /** What there is to say of it so far. */
  summary(): Summary {
    const elapsed = this.#elapsed();
    return {
      client: this.#pair.clientText,
      backend: this.#isConnected() ? this.#backend : undefined,
      tried: this.#tried.map(({ key }) => key),
      rxBytes: this.#rxBytes,
      txBytes: this.#txBytes,
      queueMs: this.#electedAfter / 10,
      connectMs: ((this.#isConnected() ? this.#connectedAfter : elapsed) - this.#electedAfter) / 10,
      totalMs: elapsed / 10,
    };
  }

  /** Elects, reserves and dials. @returns false when nobody has room */
  #elect(tried = this.#tried): boolean {
    const backend = this.#server.picker.elect(this.#pair, this.#client, tried);
    if (backend === undefined) return false;
    // Of several elections the first counts, and the one after a wait.
    if (this.#tried.length === 0 || this.#stage === WAITING) this.#electedAfter = this.#elapsed();
    this.#backend = backend;
    this.#stage = RESERVED;
    this.#address = 0;
    this.#dialDeadline = this.#elapsed() + this.#server.settings.limits.connectTimeoutMs * 10;
    this.#dial(backend);
    return true;
  }

  #hasTried(backend: Candidate): boolean {
    return this.#tried.some(({ serial }) => serial === backend.serial);
  }

  #hasForgiven(): boolean {
    if (this.#tried.length === 0 || this.#entry === undefined) return false;
    return this.#server.clock.now() - this.#entry.joinedAt >= FORGIVES_AFTER_MS;
  }

  /** Waits for a place at a backend, where the configuration has it so and there may be one. */
  #waitOr(cause: Cause): void {
    const { waitQueue } = this.#server;
    if (!waitQueue.mayWait(this.#tried)) return this.#turnedAway(cause);
    const entry = waitQueue.join(this, this.#client, this.#entry);
    if (entry === undefined) return this.#turnedAway('PQ');
    this.#entry = entry;
    this.#stage = WAITING;
    this.#pair.wait();
    waitQueue.lookAgain(entry);
  }

  #leaveQueue(): void {
    if (this.#stage === WAITING) this.#electedAfter = this.#elapsed();
    if (this.#entry !== undefined) this.#server.waitQueue.leave(this.#entry, this.#client);
  }

  #stopWaiting(cause: Cause): void {
    this.#leaveQueue();
    this.#stage = ENTERED;
    this.#server.recorder.rejected(cause);
    this.#giveUp(cause);
  }

  #turnedAway(cause: Cause): void {
    if (this.#tried.length === 0 || cause === 'PQ') this.#server.recorder.rejected(cause);
    this.#giveUp(cause);
  }

  #dialNextAddress(backend: Candidate): boolean {
    if (this.#address + 1 >= backend.addresses.length) return false;
    if (this.#server.settings.limits.connectTimeoutMs > 0 && this.#elapsed() >= this.#dialDeadline) return false;
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
    this.#pair.dial(address, this.#server.settings.limits.connectTimeoutMs === 0 ? 0 : share);
  }

  /** Tenths of milliseconds since the accept. */
  #elapsed(): number {
    return Math.round((this.#server.clock.now() - this.#acceptedAt) * 10);
  }

  #giveUp(cause: Cause): void {
    this.#cause = cause;
    this.#pair.close();
  }

  #isConnected(): boolean {
    return this.#stage === CONNECTED;
  }

  #chosen(): Candidate {
    if (this.#backend === undefined) throw new TypeError('the connection has no backend');
    return this.#backend;
  }

  #release(): void {
    if (this.#stage < RESERVED) return;
    this.#server.picker.giveBack(this.#pair, this.#chosen());
    this.#server.waitQueue.serve();
  }

  #causeOf(end: PairEnd, backendHadFinished: boolean): Cause {
    if (this.#isConnected()) return causeOfEnd(end, backendHadFinished);
    if (end === 'cut') return 'KC';
    return this.#stage === WAITING ? 'CQ' : 'CC';
  }
}
