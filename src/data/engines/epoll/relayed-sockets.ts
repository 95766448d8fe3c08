import type { RelayLimits, PairEnd } from '../../../core/engine.ts';
import { setKeepAlive } from '../linux/tcp-options.ts';
import type { DeferredReset } from './deferred-reset.ts';
import type { Endpoint } from './endpoint.ts';
import { IdleLimit } from './idle-limit.ts';
import type { Counted, Loop } from './loop.ts';
import { releasePipe } from './transfer.ts';

/** Ends a pair of which one side has finished and nothing moves any more, where no idle timeout of its own does. */
const HALF_CLOSED_IDLE_MS = 5 * 60_000;

export interface RelayEvents {
  moved(rxBytes: number, txBytes: number): void;
  /** Both sockets are closed and every byte is reported. Called once, never from within a call to the relay. */
  over(end: PairEnd, backendHadFinished: boolean): void;
}

/**
 * The two sockets of a relay but for the bytes that go through them: how long they may be silent, what was delivered, and
 * how they end. A class that the relay extends and no object of its own, of which each connection would have one.
 */
export abstract class RelayedSockets implements Counted {
  /** @see UnorderedList */
  listIndex = -1;
  protected readonly loop: Loop;
  protected readonly client: Endpoint;
  protected readonly backend: Endpoint;
  /** One endpoint is gone. The other gets what is left for it, and then a reset. */
  protected deferredReset: DeferredReset | undefined;
  readonly #events: RelayEvents;
  #idle: IdleLimit | undefined;
  #end: PairEnd | undefined;
  #backendHadFinished = false;
  #isProbed = false;

  constructor(loop: Loop, client: Endpoint, backend: Endpoint, limits: RelayLimits, events: RelayEvents) {
    this.loop = loop;
    this.client = client;
    this.backend = backend;
    this.#events = events;
    this.#limitIdle(client, limits.client.idleMs);
    this.#limitIdle(backend, limits.backend.idleMs);
    loop.counts(this);
  }

  /** Keep-alive is for connections that are still there at the first report: most are over by then. */
  report(): void {
    if (!this.#isProbed && !this.backend.isClosed) setKeepAlive(this.loop.libc, this.backend.fd);
    this.#isProbed = true;
    this.#tell();
  }

  #tell(): void {
    const rxBytes = this.client.unreportedBytes;
    // Below 0 as long as the backend has not taken all that came before the client's bytes.
    const txBytes = Math.max(0, this.backend.unreportedBytes);
    if (rxBytes === 0 && txBytes === 0) return;
    this.client.unreportedBytes = 0;
    this.backend.unreportedBytes -= txBytes;
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
    this.#idle?.touch(from.side);
  }

  protected delivered(to: Endpoint): void {
    this.#idle?.touch(to.side);
    if (this.listIndex < 0) this.loop.counts(this);
  }

  protected limitHalfClosed(endpoint: Endpoint): void {
    if (this.#idle?.isSet(endpoint.side) !== true) this.#limitIdle(endpoint, HALF_CLOSED_IDLE_MS);
  }

  #limitIdle(endpoint: Endpoint, ms: number): void {
    if (ms === 0) return;
    this.#idle ??= new IdleLimit(this.loop, (side) => this.close(`${side}-idle`));
    this.#idle.set(endpoint.side, ms);
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
    this.loop.libc.close(endpoint.fd);
    this.#checkOver();
  }

  #forget(endpoint: Endpoint): void {
    endpoint.isClosed = true;
    endpoint.pending = undefined;
    releasePipe(this.loop, endpoint);
    this.#idle?.set(endpoint.side, 0);
    this.loop.forget(endpoint.fd);
  }

  #checkOver(): void {
    if (!this.client.isClosed || !this.backend.isClosed) return;
    this.#idle?.stop();
    this.deferredReset?.stop();
    this.loop.defer(() => {
      this.loop.hasCounted(this);
      this.#tell();
      this.#events.over(this.#end ?? 'finished', this.#backendHadFinished);
    });
  }
}
