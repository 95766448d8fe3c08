import type { RelayLimits, PairEnd } from '../../../core/engine.ts';
import { setKeepAlive } from '../linux/tcp-options.ts';
import type { DeferredReset } from './deferred-reset.ts';
import type { Endpoint, Side } from './endpoint.ts';
import { REPORT_EVERY_MS, type Counted, type Loop } from './loop.ts';
import { SilenceLimit, type Limited } from './silence-limit.ts';
import { releasePipe } from './transfer.ts';

/** For how long a side whose other side is gone may take nothing of what is left for it, where no limit of its own says so. */
const LEFT_OVER_MS = 5 * 60_000;

/** How long the kernel may keep what a socket had not sent yet when we closed it, if the peer takes none of it. */
const ORPHAN_MS = 30_000;

/** Delivered within a second: peers have room for so much. */
const MOST_UNASKED_BYTES = 16 * 1024;

/** Peers are looked at so often in the time for which they may acknowledge nothing, but not more often than once a second. */
const LOOKS = 10;

export interface RelayEvents {
  moved(rxBytes: number, txBytes: number): void;
  /** Both sockets are closed and every byte is reported. Called once, never from within a call to the relay. */
  over(end: PairEnd, backendHadFinished: boolean, unacknowledgedBytes: number): void;
}

/**
 * The two sockets of a relay but for the bytes that go through them: how long they may be silent, what was delivered, and
 * how they end. A class that the relay extends and no object of its own, of which each connection would have one.
 */
export abstract class RelayedSockets implements Counted, Limited {
  /** @see UnorderedList */
  listIndex = -1;
  protected readonly loop: Loop;
  protected readonly client: Endpoint;
  protected readonly backend: Endpoint;
  /** One endpoint is gone. The other gets what is left for it, and then a reset. */
  protected deferredReset: DeferredReset | undefined;
  readonly #events: RelayEvents;
  readonly #limits: RelayLimits;
  #silence: SilenceLimit | undefined;
  #end: PairEnd | undefined;
  #backendHadFinished = false;
  #unacknowledgedBytes = 0;

  constructor(loop: Loop, client: Endpoint, backend: Endpoint, limits: RelayLimits, events: RelayEvents) {
    this.loop = loop;
    this.client = client;
    this.backend = backend;
    this.#events = events;
    this.#limits = limits;
    this.#limit(client, limits.client.idleMs);
    this.#limit(backend, limits.backend.idleMs);
    loop.counts(this);
  }

  /** Keep-alive is for connections that are still there at the first report: most are over by then. */
  report(): void {
    this.#probe(this.client);
    this.#probe(this.backend);
    this.#tell();
    if (this.#isAskedAfter()) this.loop.counts(this);
  }

  #probe(endpoint: Endpoint): void {
    if (endpoint.isProbed || endpoint.isClosed) return;
    endpoint.isProbed = true;
    if (!endpoint.isLocal) setKeepAlive(this.loop.libc, endpoint.fd, this.#limits.keepAlive);
  }

  /**
   * Looks now and then whether a peer has died with bytes under way to it, when the kernel does not probe it.
   * @returns whether it is to be done again: not once all is acknowledged, until more is delivered
   */
  #isAskedAfter(): boolean {
    const { unacknowledgedMs } = this.#limits;
    if (unacknowledgedMs === 0) return false;
    const reportsPerLook = Math.max(1, Math.floor(unacknowledgedMs / LOOKS / REPORT_EVERY_MS));
    if ((this.loop.reports + this.client.fd) % reportsPerLook !== 0) return true;
    const looks = Math.ceil(unacknowledgedMs / REPORT_EVERY_MS / reportsPerLook);
    const clientAwaits = this.#awaitsAcknowledgement(this.client, looks);
    return this.#awaitsAcknowledgement(this.backend, looks) || clientAwaits;
  }

  /** @param looks as many as there are in the time for which it may acknowledge nothing: bytes are under way for as long */
  #awaitsAcknowledgement(endpoint: Endpoint, looks: number): boolean {
    const { libc, tcpInfo } = this.loop;
    const isAwaiting = !endpoint.isClosed && !endpoint.isLocal && libc.unacknowledged(endpoint.fd) > 0;
    endpoint.awaitingLooks = isAwaiting ? endpoint.awaitingLooks + 1 : 0;
    if (endpoint.awaitingLooks <= looks || !libc.readTcpInfo(endpoint.fd, tcpInfo)) return isAwaiting;
    const { isUnanswered, unansweredMs } = tcpInfo;
    if (isUnanswered && unansweredMs >= this.#limits.unacknowledgedMs) this.#giveUp(endpoint, 'dead');
    return isAwaiting;
  }

  #tell(): void {
    const rxBytes = this.client.unreportedBytes;
    // Below 0 as long as the backend has not taken all that came before the client's bytes.
    const txBytes = Math.max(0, this.backend.unreportedBytes);
    if (rxBytes === 0 && txBytes === 0) return;
    this.client.unreportedBytes = 0;
    this.backend.unreportedBytes -= txBytes;
    this.client.hasSent ||= txBytes > 0;
    this.#events.moved(rxBytes, txBytes);
  }

  /** Resets both at once. */
  cut(): void {
    this.decide('cut');
    this.resetOne(this.client);
    this.resetOne(this.backend);
  }

  /** Closes both at once. */
  close(end: PairEnd): void {
    this.decide(end);
    this.closeOne(this.client);
    this.closeOne(this.backend);
  }

  /** @returns false when it was decided before */
  protected decide(end: PairEnd): boolean {
    if (this.#end !== undefined) return false;
    this.#end = end;
    this.#backendHadFinished = this.backend.readEnded;
    return true;
  }

  protected other(endpoint: Endpoint): Endpoint {
    return endpoint === this.client ? this.backend : this.client;
  }

  /** It has sent something. */
  protected received(from: Endpoint): void {
    this.#silence?.heard(from.side);
  }

  protected delivered(to: Endpoint): void {
    // Of others the kernel knows what they have acknowledged.
    if (to.isLocal) this.#silence?.heard(to.side);
    if (this.listIndex < 0) this.loop.counts(this);
  }

  /** One direction has ended, or one side is gone. */
  protected limitHalfClosed(): void {
    this.#limit(this.client, this.#finMs(this.client));
    this.#limit(this.backend, this.#finMs(this.backend));
    if (this.listIndex < 0) this.loop.counts(this);
  }

  /** The limit of a side that is half-closed, where it is shorter than that of one that is not; else 0. */
  #finMs({ side }: Endpoint): number {
    const { idleMs, finMs } = this.#limits[side];
    const ms = finMs > 0 || !this.#isBroken ? finMs : LEFT_OVER_MS;
    return idleMs === 0 || ms < idleMs ? ms : 0;
  }

  #limit(endpoint: Endpoint, ms: number): void {
    if (ms === 0 || endpoint.isClosed) return;
    this.#silence ??= new SilenceLimit(this.loop, this);
    this.#silence.set(endpoint.side, ms);
  }

  get #isHalfClosed(): boolean {
    return this.client.readEnded || this.backend.readEnded || this.#isBroken;
  }

  /** A side is gone, though the other may have something to take yet. */
  get #isBroken(): boolean {
    const { client, backend } = this;
    return client.isClosed || backend.isClosed || client.hasFailed || backend.hasFailed || this.#end !== undefined;
  }

  lastSignOf(side: Side): number {
    const endpoint = this[side];
    if (this.#waitsForOther(endpoint)) return this.loop.now;
    const other = this.other(endpoint);
    // What it has sent is still on its way to the other.
    const isOnItsWay = !other.isClosed && this.loop.libc.unacknowledged(other.fd) > 0;
    return Math.max(this.#acknowledgedAt(endpoint), isOnItsWay ? this.#acknowledgedAt(other) : 0);
  }

  /** When its peer acknowledged something. @returns 0 where that is not known */
  #acknowledgedAt(endpoint: Endpoint): number {
    const { libc, now, tcpInfo } = this.loop;
    return !endpoint.isLocal && libc.readTcpInfo(endpoint.fd, tcpInfo) ? now - tcpInfo.silentMs : 0;
  }

  /** It has all that there is for it, and either its bytes are not read, as the other takes none, or it has finished. */
  #waitsForOther(endpoint: Endpoint): boolean {
    const hasFinished = endpoint.readEnded && !this.#isBroken && this.#finMs(endpoint) > 0;
    if (!hasFinished && !this.other(endpoint).hasPending) return false;
    return !endpoint.hasPending && this.loop.libc.unacknowledged(endpoint.fd) === 0;
  }

  silent(side: Side): void {
    this.#giveUp(this[side], this.#isHalfClosed && this.#finMs(this[side]) > 0 ? 'fin' : 'idle');
  }

  /** Resets both at once, so that neither takes the end for a regular one. */
  #giveUp(endpoint: Endpoint, as: 'dead' | 'idle' | 'fin'): void {
    const bytes = endpoint.isLocal ? 0 : this.loop.libc.unacknowledged(endpoint.fd);
    if (this.decide(`${endpoint.side}-${as}`)) this.#unacknowledgedBytes = bytes;
    this.resetOne(this.client);
    this.resetOne(this.backend);
  }

  protected resetOne(endpoint: Endpoint): void {
    if (endpoint.isClosed) return;
    this.#forget(endpoint);
    this.loop.libc.reset(endpoint.fd);
    this.#checkOver();
  }

  protected closeOne(endpoint: Endpoint): void {
    if (endpoint.isClosed) return;
    this.#forget(endpoint);
    const { libc } = this.loop;
    // What is queued is still sent; but not for ever to one that takes nothing.
    if (this.#mayHaveQueued(endpoint) && libc.unacknowledged(endpoint.fd) > 0)
      libc.setOption(endpoint.fd, 'userTimeout', ORPHAN_MS);
    libc.close(endpoint.fd);
    this.#checkOver();
  }

  /** Not asked of short connections with little to send: they would pay a tenth more processor time. */
  #mayHaveQueued({ isLocal, isProbed, awaitingLooks, unreportedBytes }: Endpoint): boolean {
    if (isLocal) return false;
    return unreportedBytes >= MOST_UNASKED_BYTES || awaitingLooks > 0 || (isProbed && this.listIndex >= 0);
  }

  #forget(endpoint: Endpoint): void {
    endpoint.isClosed = true;
    endpoint.pending = undefined;
    releasePipe(this.loop, endpoint);
    this.#silence?.set(endpoint.side, 0);
    this.loop.forget(endpoint.fd);
  }

  #checkOver(): void {
    if (!this.client.isClosed || !this.backend.isClosed) return;
    this.#silence?.stop();
    this.deferredReset?.stop();
    this.loop.defer(() => {
      this.loop.hasCounted(this);
      this.#tell();
      this.#events.over(this.#end ?? 'finished', this.#backendHadFinished, this.#unacknowledgedBytes);
    });
  }
}
