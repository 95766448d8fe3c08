import type { RelayLimits, PairEnd } from '../../../core/engine.ts';
import type { DeferredReset } from './deferred-reset.ts';
import type { Endpoint } from './endpoint.ts';
import { LimitedSockets } from './limited-sockets.ts';
import type { Loop } from '../linux/loop.ts';
import { releasePipe } from './transfer.ts';

/** How long the kernel may keep what a socket had not sent yet when we closed it, if the peer takes none of it. */
const ORPHAN_MS = 30_000;

/** Delivered within a second: peers have room for so much. */
const MOST_UNASKED_BYTES = 16 * 1024;

export interface RelayEvents {
  moved(rxBytes: number, txBytes: number): void;
  /** Both sockets are closed and every byte is reported. Called once, never from within a call to the relay. */
  over(end: PairEnd, backendHadFinished: boolean, unacknowledgedBytes: number): void;
}

/**
 * The two sockets of a relay but for the bytes that go through them: what was delivered, and how they end. A class that the
 * relay extends and no object of its own, of which each connection would have one.
 */
export abstract class RelayedSockets extends LimitedSockets {
  /** One endpoint is gone. The other gets what is left for it, and then a reset. */
  protected deferredReset: DeferredReset | undefined;
  readonly #events: RelayEvents;
  #end: PairEnd | undefined;
  #backendHadFinished = false;
  #unacknowledgedBytes = 0;

  constructor(loop: Loop, client: Endpoint, backend: Endpoint, limits: RelayLimits, events: RelayEvents) {
    super(loop, client, backend, limits);
    this.#events = events;
  }

  protected tell(): void {
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

  protected get isDecided(): boolean {
    return this.#end !== undefined;
  }

  /**
   * @param silent by which side's silence
   * @returns false when it was decided before
   */
  protected decide(end: PairEnd, silent?: Endpoint): boolean {
    if (this.#end !== undefined) return false;
    this.#end = end;
    if (silent?.isLocal === false) this.#unacknowledgedBytes = this.loop.libc.unacknowledged(silent.fd);
    this.#backendHadFinished = this.backend.readEnded;
    return true;
  }

  /** It has sent something. */
  protected received(from: Endpoint): void {
    this.silence?.heard(from.side);
  }

  protected delivered(to: Endpoint): void {
    // Of others the kernel knows what they have acknowledged.
    if (to.isLocal) this.silence?.heard(to.side);
    if (this.listIndex < 0) this.loop.counts(this);
  }

  /** Resets both at once, so that neither takes the end for a regular one. */
  protected giveUp(endpoint: Endpoint, as: 'dead' | 'idle' | 'fin'): void {
    this.decide(`${endpoint.side}-${as}`, endpoint);
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
    this.silence?.set(endpoint.side, 0);
    this.loop.forget(endpoint.fd);
  }

  #checkOver(): void {
    if (!this.client.isClosed || !this.backend.isClosed) return;
    this.silence?.stop();
    this.deferredReset?.stop();
    this.loop.defer(() => {
      this.loop.hasCounted(this);
      this.tell();
      this.#events.over(this.#end ?? 'finished', this.#backendHadFinished, this.#unacknowledgedBytes);
    });
  }
}
