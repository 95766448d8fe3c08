import type { IdleTimeouts, PairEnd } from '../../../core/engine.ts';
import { BROKEN, WRITABLE } from '../linux/libc.ts';
import { setKeepAlive } from '../linux/tcp-options.ts';
import { DeferredReset } from './deferred-reset.ts';
import type { Endpoint, EndpointOwner } from './endpoint.ts';
import { IdleLimit } from './idle-limit.ts';
import type { Counted, Loop } from './loop.ts';
import { discard, flush, READ_FAILED, releasePipe, step, WRITE_FAILED } from './transfer.ts';

/** Ends a pair of which one side has finished and nothing moves any more, where no idle timeout of its own does. */
const HALF_CLOSED_IDLE_MS = 5 * 60_000;

/** Read on from a side whose other side is gone, so that it comes to reading; after that it is cut off. */
const MOST_DISCARDED_BYTES = 64 * 1024 * 1024;

/** A direction that has moved so many bytes lets the others go on: a third of a millisecond's work. */
const ITERATION_BYTES = 1024 * 1024;

export interface RelayEvents {
  moved(rxBytes: number, txBytes: number): void;
  /** Both sockets are closed and every byte is reported. Called once, never from within a call to the relay. */
  over(end: PairEnd, backendHadFinished: boolean): void;
}

/**
 * Moves bytes between two connected sockets until both are done. A socket that does not take what there is stops the
 * reading at the other. Events come once for each change, so a direction is pumped until it has nothing more.
 */
export class Relay implements Counted, EndpointOwner {
  readonly #loop: Loop;
  readonly #client: Endpoint;
  readonly #backend: Endpoint;
  readonly #events: RelayEvents;
  #idle: IdleLimit | undefined;
  #end: PairEnd | undefined;
  #backendHadFinished = false;
  /** One endpoint is gone. The other gets what is left for it, and then a reset. */
  #deferredReset: DeferredReset | undefined;
  /** @see Roster */
  place = -1;
  #isProbed = false;
  #discardedBytes = 0;

  constructor(loop: Loop, client: Endpoint, backend: Endpoint, idle: IdleTimeouts, events: RelayEvents) {
    this.#loop = loop;
    this.#client = client;
    this.#backend = backend;
    this.#events = events;
    client.owner = backend.owner = this;
    this.#limitIdle(client, idle.clientMs);
    this.#limitIdle(backend, idle.backendMs);
    loop.counts(this);
  }

  /** What came before the relay began. */
  begin(): void {
    this.#pump(this.#client);
    this.#pump(this.#backend);
  }

  happened(endpoint: Endpoint, events: number): void {
    endpoint.note(events);
    if (endpoint.hasFailed && this.#deferredReset?.endpoint === endpoint) return this.close('cut');
    if ((events & WRITABLE) !== 0 && endpoint.hasPending) this.#flushed(endpoint);
    if (endpoint.hasInput && !endpoint.isQueued) this.#pump(endpoint);
  }

  resume(endpoint: Endpoint): void {
    this.#pump(endpoint);
  }

  /** Keep-alive is for those who are still there when they are asked first: most are gone by then. */
  report(): void {
    if (!this.#isProbed && !this.#backend.isClosed) setKeepAlive(this.#loop.libc, this.#backend.fd);
    this.#isProbed = true;
    this.#tell();
  }

  #tell(): void {
    const rxBytes = this.#client.unreportedBytes;
    // Below 0 as long as the backend has not taken all that came before the client's bytes.
    const txBytes = Math.max(0, this.#backend.unreportedBytes);
    if (rxBytes === 0 && txBytes === 0) return;
    this.#client.unreportedBytes = 0;
    this.#backend.unreportedBytes -= txBytes;
    this.#events.moved(rxBytes, txBytes);
  }

  /** Resets both at once. */
  cut(): void {
    this.#decide('cut');
    this.#reset(this.#client);
    this.#reset(this.#backend);
  }

  /** Closes both at once. */
  close(end: PairEnd): void {
    this.#decide(end);
    this.#close(this.#client);
    this.#close(this.#backend);
  }

  /** @returns false when it was decided before */
  #decide(end: PairEnd): boolean {
    if (this.#end !== undefined) return false;
    this.#end = end;
    this.#backendHadFinished = this.#backend.readEnded;
    return true;
  }

  #other(endpoint: Endpoint): Endpoint {
    return endpoint === this.#client ? this.#backend : this.#client;
  }

  /** Moves what there is from one endpoint to the other. */
  #pump(from: Endpoint): void {
    const to = this.#other(from);
    for (let left = ITERATION_BYTES; ;) {
      if (from.isClosed) return;
      if (to.isClosed || to.isUnwritable) return this.#discard(from);
      if (!this.#flush(to)) return;
      if (from.readEnded) return this.#passOnFinish(from, to);
      if (!from.hasInput) return;
      if (left <= 0) return this.#queue(from);
      const before = to.unreportedBytes;
      const length = step(this.#loop, from, to, left);
      if (to.unreportedBytes > before) this.#delivered(to);
      if (length === READ_FAILED) return this.#readFailed(from);
      if (length === WRITE_FAILED) return this.#writeFailed(to);
      if (length > 0) this.#idle?.touch(from.side);
      // It says when it takes bytes again.
      if (to.hasPending) return;
      left -= length;
    }
  }

  #queue(endpoint: Endpoint): void {
    if (endpoint.isQueued) return;
    endpoint.isQueued = true;
    this.#loop.yield(endpoint);
  }

  /** Nobody takes what it sends, but it shall not be held up by that: it may only read when it has sent all. */
  #discard(from: Endpoint): void {
    for (let left = ITERATION_BYTES; from.hasInput && !from.readEnded && !from.isClosed;) {
      if (left <= 0) return this.#queue(from);
      const length = discard(this.#loop, from);
      if (length === READ_FAILED) return this.#readFailed(from);
      left -= length;
      this.#discardedBytes += length;
      if (this.#discardedBytes > MOST_DISCARDED_BYTES) return this.cut();
    }
  }

  /** @returns whether nothing waits for this endpoint any more */
  #flush(to: Endpoint): boolean {
    if (!to.hasPending) return true;
    const before = to.unreportedBytes;
    const word = flush(this.#loop, to);
    if (to.unreportedBytes > before) this.#delivered(to);
    if (word === BROKEN) this.#writeFailed(to);
    return word >= 0;
  }

  /** An endpoint takes bytes again. */
  #flushed(to: Endpoint): void {
    if (!this.#flush(to)) return;
    if (this.#deferredReset?.endpoint === to) this.#deferredReset.flushed();
    else if (!this.#other(to).isQueued) this.#pump(this.#other(to));
  }

  #passOnFinish(from: Endpoint, to: Endpoint): void {
    releasePipe(this.#loop, to);
    if (from.isUnwritable) return this.#passOnReset(from);
    // To close says it too.
    if (to.readEnded && from.writeEnded) return this.close('finished');
    if (to.writeEnded) return;
    to.writeEnded = true;
    this.#loop.libc.finishSending(to.fd);
    this.#limitHalfClosed(from);
  }

  #readFailed(from: Endpoint): void {
    if (this.#decide(`${from.side}-reset`) || from.isUnwritable) this.#passOnReset(from);
    else this.close('cut');
  }

  /** The peer has reset the connection. What it had sent before is read on, at the pace of the other. */
  #writeFailed(to: Endpoint): void {
    to.isUnwritable = true;
    to.pending = undefined;
    releasePipe(this.#loop, to);
    if (this.#deferredReset?.endpoint === to || !this.#decide(`${to.side}-reset`)) {
      this.close('cut');
      return;
    }
    to.hasInput = true;
    const other = this.#other(to);
    this.#limitHalfClosed(other);
    this.#loop.defer(() => {
      this.#pump(to);
      this.#pump(other);
    });
  }

  /** One endpoint is gone. The other gets what was received before, and then a reset. */
  #passOnReset(from: Endpoint): void {
    const to = this.#other(from);
    this.#close(from);
    if (to.isClosed) return;
    const deferredReset = new DeferredReset(this.#loop, to, () => this.#reset(to));
    this.#deferredReset = deferredReset;
    this.#limitHalfClosed(to);
    if (this.#flush(to)) deferredReset.flushed();
    this.#discard(to);
  }

  #delivered(to: Endpoint): void {
    this.#idle?.touch(to.side);
    if (this.place < 0) this.#loop.counts(this);
  }

  #limitHalfClosed(endpoint: Endpoint): void {
    if (this.#idle?.isSet(endpoint.side) !== true) this.#limitIdle(endpoint, HALF_CLOSED_IDLE_MS);
  }

  #limitIdle(endpoint: Endpoint, ms: number): void {
    if (ms === 0) return;
    this.#idle ??= new IdleLimit(this.#loop, (side) => this.close(`${side}-idle`));
    this.#idle.set(endpoint.side, ms);
  }

  #reset(endpoint: Endpoint): void {
    if (endpoint.isClosed) return;
    this.#forget(endpoint);
    this.#loop.libc.reset(endpoint.fd);
    this.#checkOver();
  }

  #close(endpoint: Endpoint): void {
    if (endpoint.isClosed) return;
    this.#forget(endpoint);
    this.#loop.libc.close(endpoint.fd);
    this.#checkOver();
  }

  #forget(endpoint: Endpoint): void {
    endpoint.isClosed = true;
    endpoint.pending = undefined;
    releasePipe(this.#loop, endpoint);
    this.#idle?.set(endpoint.side, 0);
    this.#loop.forget(endpoint.fd);
  }

  #checkOver(): void {
    if (!this.#client.isClosed || !this.#backend.isClosed) return;
    this.#idle?.stop();
    this.#deferredReset?.stop();
    this.#loop.defer(() => {
      this.#loop.hasCounted(this);
      this.#tell();
      this.#events.over(this.#end ?? 'finished', this.#backendHadFinished);
    });
  }
}
