import type { PairEnd, RelayLimits } from '../../../core/engine.ts';
import { WRITABLE } from '../linux/event-list.ts';
import { BROKEN } from '../linux/libc-descriptors.ts';
import { DeferredReset } from './deferred-reset.ts';
import type { Endpoint, EndpointOwner } from './endpoint.ts';
import type { Loop } from '../linux/loop.ts';
import { RelayedSockets, type RelayEvents } from './relayed-sockets.ts';
import { discard, flush, READ_FAILED, releasePipe, step, WRITE_FAILED } from './transfer.ts';

/** Read on from a side whose other side is gone, so that it comes to reading; after that it is cut off. */
const MOST_DISCARDED_BYTES = 64 * 1024 * 1024;

/** A direction that has moved so many bytes lets the others go on: a third of a millisecond's work. */
const ITERATION_BYTES = 1024 * 1024;

/**
 * Moves bytes between two connected sockets until both are done. A socket that does not take what there is stops the
 * reading at the other. Events come once for each change, so a direction is pumped until it has nothing more.
 */
export class Relay extends RelayedSockets implements EndpointOwner {
  #discardedBytes = 0;

  constructor(loop: Loop, client: Endpoint, backend: Endpoint, limits: RelayLimits, events: RelayEvents) {
    super(loop, client, backend, limits, events);
    client.owner = backend.owner = this;
  }

  /** What came before the relay began. */
  begin(): void {
    this.#pump(this.client);
    this.#pump(this.backend);
  }

  happened(endpoint: Endpoint, events: number): void {
    endpoint.note(events);
    if (endpoint.hasFailed && this.deferredReset?.endpoint === endpoint) return this.close('cut');
    // Its reset is read after its bytes, for which the other has no room yet.
    if (endpoint.hasFailed && this.other(endpoint).hasPending) this.limitHalfClosed();
    if ((events & WRITABLE) !== 0 && endpoint.hasPending) this.#flushed(endpoint);
    if (endpoint.hasInput && !endpoint.isQueued) this.#pump(endpoint);
  }

  resume(endpoint: Endpoint): void {
    this.#pump(endpoint);
  }

  /** Moves what there is from one endpoint to the other. */
  #pump(from: Endpoint): void {
    const to = this.other(from);
    for (let left = ITERATION_BYTES; ;) {
      if (from.isClosed) return;
      if (to.isClosed || to.isUnwritable) return this.#discard(from);
      if (!this.#flush(to)) return;
      if (from.readEnded) return this.#passOnFinish(from, to);
      if (!from.hasInput) return;
      if (left <= 0) return this.#queue(from);
      const before = to.unreportedBytes;
      const length = step(this.loop, from, to, left);
      if (to.unreportedBytes > before) this.delivered(to);
      if (length === READ_FAILED) return this.#readFailed(from);
      if (length === WRITE_FAILED) return this.#lost(from, to);
      if (length > 0) this.received(from);
      if (to.hasPending) return this.#holdUp(from);
      left -= length;
    }
  }

  /** What was read cannot be sent any more. */
  #lost(from: Endpoint, to: Endpoint): void {
    from.hasSent = true;
    this.#writeFailed(to);
  }

  /** The other side says when it takes bytes again. */
  #holdUp(from: Endpoint): void {
    if (from.readEnded) this.limitHalfClosed();
  }

  #queue(endpoint: Endpoint): void {
    if (endpoint.isQueued) return;
    endpoint.isQueued = true;
    this.loop.yield(endpoint);
  }

  /** Its other side is gone, but it shall not be held up by that: it may only read when it has sent all. */
  #discard(from: Endpoint): void {
    for (let left = ITERATION_BYTES; from.hasInput && !from.readEnded && !from.isClosed;) {
      if (left <= 0) return this.#queue(from);
      const length = discard(this.loop, from);
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
    const word = flush(this.loop, to);
    if (to.unreportedBytes > before) this.delivered(to);
    if (word === BROKEN) this.#writeFailed(to);
    return word >= 0;
  }

  /** An endpoint takes bytes again. */
  #flushed(to: Endpoint): void {
    if (!this.#flush(to)) return;
    if (this.deferredReset?.endpoint === to) this.deferredReset.flushed();
    else if (!this.other(to).isQueued) this.#pump(this.other(to));
  }

  #passOnFinish(from: Endpoint, to: Endpoint): void {
    releasePipe(this.loop, to);
    if (from.isUnwritable) return this.#passOnReset(from);
    // To close says it too.
    if (to.readEnded && from.writeEnded) return this.close('finished');
    if (to.writeEnded) return;
    if (from === this.backend) this.#leaveClient();
    to.writeEnded = true;
    this.loop.libc.finishSending(to.fd);
    this.limitHalfClosed();
  }

  protected override decide(end: PairEnd, silent?: Endpoint): boolean {
    if (!super.decide(end, silent)) return false;
    if (end !== 'backend-reset' && end !== 'backend-dead') return true;
    this.#leaveClient();
    // What the client has sent just now is not read any more.
    const { client, backend, loop } = this;
    if (client.wasLeft && !client.hasSent && backend.unreportedBytes <= 0)
      client.hasSent = loop.libc.hasBytes(client.fd);
    return true;
  }

  /** The backend ends its side, in order or not. */
  #leaveClient(): void {
    const { client } = this;
    client.wasLeft ||= !(client.isEndAnnounced || client.readEnded || client.hasFailed || client.isClosed);
  }

  /** @see ProxiedPair.wasAwaited */
  get wasAwaited(): boolean {
    return this.client.wasLeft && this.client.hasSent;
  }

  #readFailed(from: Endpoint): void {
    if (this.#decideLoss(from) || from.isUnwritable) this.#passOnReset(from);
    else this.close('cut');
  }

  /** By what the call has told that failed. @returns as decide */
  #decideLoss(gone: Endpoint): boolean {
    const { side } = gone;
    return this.loop.libc.hasVanished ? this.decide(`${side}-dead`, gone) : this.decide(`${side}-reset`);
  }

  /** The peer has reset the connection. What it had sent before is read on, at the pace of the other. */
  #writeFailed(to: Endpoint): void {
    to.isUnwritable = true;
    to.pending = undefined;
    releasePipe(this.loop, to);
    if (this.deferredReset?.endpoint === to || !this.#decideLoss(to)) {
      this.close('cut');
      return;
    }
    to.hasInput = true;
    const other = this.other(to);
    this.limitHalfClosed();
    this.loop.defer(() => {
      this.#pump(to);
      this.#pump(other);
    });
  }

  /** One endpoint is gone. The other gets what was received before, and then a reset. */
  #passOnReset(from: Endpoint): void {
    const to = this.other(from);
    this.closeOne(from);
    if (to.isClosed) return;
    const deferredReset = new DeferredReset(this.loop, to, () => this.resetOne(to));
    this.deferredReset = deferredReset;
    this.limitHalfClosed();
    if (this.#flush(to)) deferredReset.flushed();
    this.#discard(to);
  }
}
