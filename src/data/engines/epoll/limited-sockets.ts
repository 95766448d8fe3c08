import type { RelayLimits } from '../../../core/engine.ts';
import { halfClosedMs } from '../common/half-closed.ts';
import { setKeepAlive } from '../linux/tcp-options.ts';
import type { Endpoint, Side } from './endpoint.ts';
import { REPORT_EVERY_MS, type Counted, type Loop } from '../linux/loop.ts';
import { SilenceLimit, type Limited } from './silence-limit.ts';

/** A limit as long as this may begin with the next report, a second later at most. */
const LONG_MS = 10_000;

/** Peers are looked at so often in the time for which they may acknowledge nothing, but not more often than once a second. */
const LOOKS = 10;

/** The two sockets of a relay as to how long they may be silent, and how it is found out that a peer is dead. */
export abstract class LimitedSockets implements Counted, Limited {
  /** @see UnorderedList */
  listIndex = -1;
  protected readonly loop: Loop;
  protected readonly client: Endpoint;
  protected readonly backend: Endpoint;
  protected silence: SilenceLimit | undefined;
  readonly #limits: RelayLimits;

  constructor(loop: Loop, client: Endpoint, backend: Endpoint, limits: RelayLimits) {
    this.loop = loop;
    this.client = client;
    this.backend = backend;
    this.#limits = limits;
    this.#limit(client, limits.client.idleMs);
    this.#limit(backend, limits.backend.idleMs);
    loop.counts(this);
  }

  /** Keep-alive is for connections that are still there at the first report: most are over by then. */
  report(): void {
    this.#probe(this.client);
    this.#probe(this.backend);
    this.tell();
    if (this.#isHalfClosed) this.#limitBoth();
    if (this.#isAskedAfter()) this.loop.counts(this);
  }

  /** What was delivered. */
  protected abstract tell(): void;

  /** How it ends is decided, though there may be something to deliver yet. */
  protected abstract get isDecided(): boolean;

  protected abstract giveUp(endpoint: Endpoint, as: 'dead' | 'idle' | 'fin'): void;

  protected other(endpoint: Endpoint): Endpoint {
    return endpoint === this.client ? this.backend : this.client;
  }

  /** One direction has ended, or one side is gone. Most connections are over before a report: those need no timer. */
  protected limitHalfClosed(): void {
    if (this.listIndex < 0) this.loop.counts(this);
    const isLong = this.#isLong(this.client) && this.#isLong(this.backend);
    if (!isLong || this.silence !== undefined) this.#limitBoth();
  }

  #limitBoth(): void {
    this.#limit(this.client, this.#finMs(this.client));
    this.#limit(this.backend, this.#finMs(this.backend));
  }

  #isLong(endpoint: Endpoint): boolean {
    const ms = this.#finMs(endpoint);
    return ms === 0 || ms >= LONG_MS;
  }

  /** The limit of a side that is half-closed, where it is shorter than that of one that is not; else 0. */
  #finMs({ side }: Endpoint): number {
    return halfClosedMs(this.#limits[side], this.#isBroken);
  }

  #limit(endpoint: Endpoint, ms: number): void {
    if (ms === 0 || endpoint.isClosed) return;
    this.silence ??= new SilenceLimit(this.loop, this);
    this.silence.set(endpoint.side, ms);
  }

  get #isHalfClosed(): boolean {
    return this.client.readEnded || this.backend.readEnded || this.#isBroken;
  }

  /** A side is gone, though the other may have something to take yet. */
  get #isBroken(): boolean {
    const { client, backend } = this;
    return client.isClosed || backend.isClosed || client.hasFailed || backend.hasFailed || this.isDecided;
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
    this.giveUp(this[side], this.#isHalfClosed && this.#finMs(this[side]) > 0 ? 'fin' : 'idle');
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
    if (isUnanswered && unansweredMs >= this.#limits.unacknowledgedMs) this.giveUp(endpoint, 'dead');
    return isAwaiting;
  }
}
