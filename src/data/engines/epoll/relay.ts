import type { IdleTimeouts, LinkEnd } from '../../../core/engine.ts';
import type { End, EndOwner } from './end.ts';
import { BROKEN, WOULD_BLOCK, WRITABLE } from './libc.ts';
import type { Counted, Loop } from './loop.ts';
import type { Pipe } from './pipes.ts';
import { Due } from './wheel.ts';

/** Ends a pair of which one side has finished and nothing moves any more, where no idle timeout of its own does. */
const HALF_CLOSED_IDLE_MS = 5 * 60_000;

/** Read on from a side whose other side is gone, so that it comes to reading; after that it is cut off. */
const MOST_DISCARDED_BYTES = 64 * 1024 * 1024;

/** Bytes that one direction may move before the others have their turn. */
const TURN_BYTES = 256 * 1024;

/** What a pipe holds by default: pipe(7). */
const PIPE_BYTES = 64 * 1024;

/** A direction that sends so much in one go moves through a pipe, until it sends less. */
const BULK_BYTES = 128 * 1024;

const FIRST_LOOK_MS = 2;
const SLOWEST_LOOK_MS = 200;

export interface RelayEvents {
  moved(rxBytes: number, txBytes: number): void;
  /** Both sockets are closed and every byte is reported. Called once, never from within a call to the relay. */
  over(end: LinkEnd, backendHadFinished: boolean): void;
}

/**
 * Moves bytes between two connected sockets. Small chunks are copied through the loop's buffer, a direction that keeps
 * filling it moves to a pipe. What a socket does not take at once waits at most one buffer or pipe long, and stops the
 * reading at the other. Events come once for each change, so a direction is pumped until it has nothing more.
 */
export class Relay implements Counted, EndOwner {
  readonly #loop: Loop;
  readonly #client: End;
  readonly #backend: End;
  readonly #events: RelayEvents;
  #idle: Due | undefined;
  #end: LinkEnd | undefined;
  #backendHadFinished = false;
  /** Gets what is left for it, and then a reset. */
  #resetting: End | undefined;
  #lookMs = FIRST_LOOK_MS;
  #look: Due | undefined;
  #isCounted = false;
  #discardedBytes = 0;

  constructor(loop: Loop, client: End, backend: End, idle: IdleTimeouts, events: RelayEvents) {
    this.#loop = loop;
    this.#client = client;
    this.#backend = backend;
    this.#events = events;
    client.owner = backend.owner = this;
    client.activeAt = backend.activeAt = loop.now;
    this.#limitIdle(client, idle.clientMs);
    this.#limitIdle(backend, idle.backendMs);
  }

  /** What came before the relay began. */
  begin(): void {
    this.#pump(this.#client);
    this.#pump(this.#backend);
  }

  happened(end: End, events: number): void {
    end.note(events);
    if ((events & WRITABLE) !== 0 && (end.rest !== undefined || end.pipe !== undefined)) this.#flushed(end);
    if (end.hasInput) this.#pumpInTurn(end);
  }

  goOn(end: End): void {
    this.#pump(end);
  }

  report(): void {
    this.#isCounted = false;
    const rxBytes = this.#client.deliveredBytes - this.#client.reportedBytes;
    const txBytes = this.#backend.deliveredBytes - this.#backend.reportedBytes;
    if (rxBytes === 0 && txBytes === 0) return;
    this.#client.reportedBytes = this.#client.deliveredBytes;
    this.#backend.reportedBytes = this.#backend.deliveredBytes;
    this.#events.moved(rxBytes, txBytes);
  }

  /** Resets both at once. */
  cut(): void {
    this.#decide('cut');
    this.#reset(this.#client);
    this.#reset(this.#backend);
  }

  /** Closes both at once. */
  close(end: LinkEnd): void {
    this.#decide(end);
    this.#close(this.#client);
    this.#close(this.#backend);
  }

  /** @returns false when it was decided before */
  #decide(end: LinkEnd): boolean {
    if (this.#end !== undefined) return false;
    this.#end = end;
    this.#backendHadFinished = this.#backend.hasFinished;
    return true;
  }

  #other(end: End): End {
    return end === this.#client ? this.#backend : this.#client;
  }

  /** Moves what there is from one end to the other. */
  #pump(from: End): void {
    const to = this.#other(from);
    for (let left = TURN_BYTES; ;) {
      if (from.isClosed) return;
      if (to.isClosed || to.isUnwritable) return this.#discard(from);
      if (!this.#flush(to)) return;
      if (from.hasFinished) return this.#passOnFinish(from, to);
      if (!from.hasInput) return;
      if (left <= 0) return this.#queue(from);
      left -= from.isBulk ? this.#splice(from, to) : this.#copy(from, to);
    }
  }

  /** Unless its next turn is set already. */
  #pumpInTurn(from: End): void {
    if (!from.isQueued) this.#pump(from);
  }

  #queue(end: End): void {
    if (end.isQueued) return;
    end.isQueued = true;
    this.#loop.again(end);
  }

  /** Nobody takes what it sends, but it shall not be held up by that: it may only read when it has sent all. */
  #discard(from: End): void {
    for (let left = TURN_BYTES; from.hasInput && !from.hasFinished && !from.isClosed;) {
      if (left <= 0) return this.#queue(from);
      const length = this.#loop.libc.receive(from.fd, this.#loop.buffer);
      if (length <= 0) {
        this.#noInput(from, length);
        continue;
      }
      left -= length;
      this.#discardedBytes += length;
      if (this.#discardedBytes > MOST_DISCARDED_BYTES) return this.cut();
    }
  }

  /** @returns bytes read */
  #copy(from: End, to: End): number {
    const { libc, buffer } = this.#loop;
    const length = libc.receive(from.fd, buffer);
    if (length <= 0) return this.#noInput(from, length);
    this.#touch(from);
    if (length < buffer.length && !from.isUneven) {
      // All that was there; and the last of it, if the end had been announced before we read.
      from.hasInput = false;
      from.hasFinished = from.sawFinish;
      from.burstBytes = 0;
    } else {
      from.burstBytes += length;
      from.isBulk = from.burstBytes >= BULK_BYTES;
    }
    const sent = libc.send(to.fd, buffer, length);
    if (sent === BROKEN) {
      this.#writeFailed(to);
      return length;
    }
    this.#delivered(to, Math.max(sent, 0));
    if (sent < length) to.rest = Buffer.from(buffer.subarray(Math.max(sent, 0), length));
    return length;
  }

  /** @returns bytes read */
  #splice(from: End, to: End): number {
    const pipe = (to.pipe ??= this.#loop.pipes.take());
    if (pipe === undefined) return this.#copy(from, to);
    const length = this.#loop.libc.splice(from.fd, pipe.writeEnd, PIPE_BYTES);
    if (length <= 0) {
      from.isBulk = from.burstBytes >= BULK_BYTES;
      this.#releasePipe(to);
      return this.#noInput(from, length);
    }
    this.#touch(from);
    from.burstBytes += length;
    pipe.length = length;
    return length;
  }

  /** @returns 0, for the bytes read */
  #noInput(from: End, word: number): 0 {
    from.burstBytes = 0;
    if (word === 0) from.hasFinished = true;
    else if (word === WOULD_BLOCK) from.hasInput = false;
    else this.#readFailed(from);
    return 0;
  }

  /** Sends what waits for an end. @returns whether nothing waits any more */
  #flush(to: End): boolean {
    if (to.rest !== undefined && !this.#flushRest(to, to.rest)) return false;
    return to.pipe === undefined || to.pipe.length === 0 || this.#flushPipe(to, to.pipe);
  }

  #flushRest(to: End, rest: Buffer): boolean {
    const sent = this.#loop.libc.send(to.fd, rest, rest.length);
    if (sent === BROKEN) return this.#writeFailed(to);
    this.#delivered(to, Math.max(sent, 0));
    to.rest = sent === rest.length ? undefined : rest.subarray(Math.max(sent, 0));
    return to.rest === undefined;
  }

  #flushPipe(to: End, pipe: Pipe): boolean {
    while (pipe.length > 0) {
      const sent = this.#loop.libc.splice(pipe.readEnd, to.fd, pipe.length);
      if (sent === WOULD_BLOCK) return false;
      if (sent <= 0) return this.#writeFailed(to);
      pipe.length -= sent;
      this.#delivered(to, sent);
    }
    return true;
  }

  /** An end takes bytes again. */
  #flushed(to: End): void {
    if (!this.#flush(to)) return;
    if (this.#resetting === to) this.#resetWhenDelivered(to);
    else this.#pumpInTurn(this.#other(to));
  }

  #passOnFinish(from: End, to: End): void {
    this.#releasePipe(to);
    if (from.isUnwritable) return this.#passOnReset(from);
    if (!to.isFinished) {
      to.isFinished = true;
      this.#loop.libc.finishSending(to.fd);
      this.#limitHalfClosed(from);
    }
    if (to.hasFinished && from.isFinished) this.close('finished');
  }

  #readFailed(from: End): void {
    if (this.#decide(`${from.side}-reset`) || from.isUnwritable) this.#passOnReset(from);
    else this.close('cut');
  }

  /** The peer has reset the connection. What it had sent before is read on, at the pace of the other. @returns false */
  #writeFailed(to: End): false {
    to.isUnwritable = true;
    to.rest = undefined;
    this.#releasePipe(to);
    if (this.#resetting === to || !this.#decide(`${to.side}-reset`)) {
      this.close('cut');
      return false;
    }
    to.hasInput = true;
    const other = this.#other(to);
    this.#limitHalfClosed(other);
    this.#loop.later(() => {
      this.#pump(to);
      this.#pump(other);
    });
    return false;
  }

  /** One end is gone. The other gets what was received before, and then a reset. */
  #passOnReset(from: End): void {
    const to = this.#other(from);
    this.#close(from);
    if (to.isClosed) return;
    this.#resetting = to;
    this.#limitHalfClosed(to);
    if (this.#flush(to)) this.#resetWhenDelivered(to);
    this.#discard(to);
  }

  /** A reset drops what the peer has not got yet, and nobody tells when it has: so the queue is looked at. */
  #resetWhenDelivered(to: End): void {
    if (to.isClosed) return;
    if (to.deliveredBytes === 0 || this.#loop.libc.unacknowledged(to.fd) === 0) {
      this.#reset(to);
      return;
    }
    this.#look ??= new Due(() => this.#resetWhenDelivered(to));
    this.#loop.set(this.#look, this.#loop.now + this.#lookMs);
    this.#lookMs = Math.min(this.#lookMs * 2, SLOWEST_LOOK_MS);
  }

  #delivered(to: End, bytes: number): void {
    if (bytes === 0) return;
    to.deliveredBytes += bytes;
    this.#touch(to);
    if (this.#isCounted) return;
    this.#isCounted = true;
    this.#loop.counts(this);
  }

  #touch(end: End): void {
    end.activeAt = this.#loop.now;
  }

  #limitHalfClosed(end: End): void {
    if (end.idleMs === 0) this.#limitIdle(end, HALF_CLOSED_IDLE_MS);
  }

  #limitIdle(end: End, ms: number): void {
    if (ms === 0) return;
    end.idleMs = ms;
    end.activeAt = this.#loop.now;
    this.#idle ??= new Due(() => this.#checkIdle());
    this.#loop.set(this.#idle, Math.min(this.#idle.at, this.#loop.now + ms));
  }

  #checkIdle(): void {
    const client = idleAt(this.#client);
    const backend = idleAt(this.#backend);
    const { now } = this.#loop;
    if (this.#idle === undefined) return;
    if (Math.min(client, backend) > now) this.#loop.set(this.#idle, Math.min(client, backend));
    else this.close(client <= backend ? 'client-idle' : 'backend-idle');
  }

  /** A pipe that still holds bytes is not lent again; those bytes have nowhere to go. */
  #releasePipe(to: End): void {
    if (to.pipe === undefined) return;
    this.#loop.pipes.giveBack(to.pipe);
    to.pipe = undefined;
  }

  #reset(end: End): void {
    if (end.isClosed) return;
    this.#forget(end);
    this.#loop.libc.reset(end.fd);
    this.#checkOver();
  }

  #close(end: End): void {
    if (end.isClosed) return;
    this.#forget(end);
    this.#loop.libc.close(end.fd);
    this.#checkOver();
  }

  #forget(end: End): void {
    end.isClosed = true;
    end.rest = undefined;
    this.#releasePipe(end);
    this.#loop.forget(end.fd);
  }

  #checkOver(): void {
    if (!this.#client.isClosed || !this.#backend.isClosed) return;
    if (this.#idle !== undefined) this.#loop.clear(this.#idle);
    if (this.#look !== undefined) this.#loop.clear(this.#look);
    this.#loop.later(() => {
      this.#loop.hasCounted(this);
      this.report();
      this.#events.over(this.#end ?? 'finished', this.#backendHadFinished);
    });
  }
}

function idleAt(end: End): number {
  return end.idleMs === 0 || end.isClosed ? Infinity : end.activeAt + end.idleMs;
}
