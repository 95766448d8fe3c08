import type { Socket } from 'node:net';
import { systemClock } from '../../../core/clock.ts';
import type { RelayLimits, PairEnd } from '../../../core/engine.ts';
import { paceReading } from './pace-reading.ts';
import type { SendQueues } from './send-queues.ts';
import { WritableHalf } from './writable-half.ts';

/** Ends a pair of which one side has finished and nothing moves any more, where no idle timeout of its own does. */
const HALF_CLOSED_IDLE_MS = 5 * 60_000;

/** How long a side whose other side is gone may take what is left for it before we read on from it. */
const DISCARD_AFTER_MS = 100;

/** Read on from such a side, so that it comes to reading; after that it is cut off. */
const MOST_DISCARDED_BYTES = 64 * 1024 * 1024;

const EMPTY = Buffer.alloc(0);

export interface RelayTools {
  readonly sendQueues: SendQueues;
  readonly moved: (rxBytes: number, txBytes: number) => void;
}

type Side = 'client' | 'backend';

/**
 * Moves bytes between two connected sockets with `pipe`, which brings backpressure. What is added: the end of each
 * side, in order or not, idle timeouts, and the count of bytes delivered. Both sockets close in the end, whatever
 * happens; their owner waits for that.
 */
export class Relay {
  readonly #client: Socket;
  readonly #backend: Socket;
  readonly #tools: RelayTools;
  readonly #toClient: WritableHalf;
  readonly #toBackend: WritableHalf;
  /** Bytes delivered to each side, as reported. */
  #rxBytes = 0;
  #txBytes = 0;
  #end: PairEnd | undefined;
  #backendHadFinished = false;
  /** Nothing can be written to it any more, but there may be something to read before its reset is passed on. */
  #unwritable: Side | undefined;

  constructor(client: Socket, backend: Socket, limits: RelayLimits, tools: RelayTools) {
    this.#client = client;
    this.#backend = backend;
    this.#tools = tools;
    this.#limitIdle(client, 'client-idle', limits.client.idleMs);
    this.#limitIdle(backend, 'backend-idle', limits.backend.idleMs);
    this.#toClient = new WritableHalf(client, () => this.#writeFailed('client'));
    this.#toBackend = new WritableHalf(backend, () => this.#writeFailed('backend'));
  }

  /**
   * @param preface for the backend, before anything of the client's; not counted
   * @param first of the client's bytes, which are not in its stream any more
   */
  begin(preface?: Buffer, first?: Buffer): void {
    if (preface !== undefined) {
      this.#toBackend.leaveOut(preface.length);
      this.#backend.write(preface);
    }
    if (first !== undefined && first.length > 0) this.#backend.write(first);
    this.#pipe('client');
    this.#pipe('backend');
  }

  /** How it ended; `finished` unless something cut it short. */
  get end(): PairEnd {
    return this.#end ?? 'finished';
  }

  /** Whether the backend had sent its last byte when the end was decided. */
  get backendHadFinished(): boolean {
    return this.#backendHadFinished;
  }

  /** Tells what has moved since the last time. */
  report(): void {
    const { deliveredBytes: rxBytes } = this.#toClient;
    const txBytes = Math.max(0, this.#toBackend.deliveredBytes);
    if (rxBytes === this.#rxBytes && txBytes === this.#txBytes) return;
    this.#tools.moved(rxBytes - this.#rxBytes, txBytes - this.#txBytes);
    this.#rxBytes = rxBytes;
    this.#txBytes = txBytes;
  }

  /** One side's socket failed; Node has destroyed it. The other gets what was received before, and then a reset. */
  failed(side: Side): void {
    if (this.#decide(`${side}-reset`) || side === this.#unwritable) this.#passOnReset(side);
    else this.#other(side).destroy();
  }

  /** Resets both at once. */
  cut(): void {
    this.#decide('cut');
    reset(this.#client);
    reset(this.#backend);
  }

  /** Closes both at once. */
  close(end: PairEnd): void {
    this.#decide(end);
    this.#client.destroy();
    this.#backend.destroy();
  }

  /** @returns false when it was decided before */
  #decide(end: PairEnd): boolean {
    if (this.#end !== undefined) return false;
    this.report();
    this.#end = end;
    return true;
  }

  #limitIdle(socket: Socket, end: PairEnd, ms: number): void {
    socket.on('timeout', () => this.close(end));
    if (ms > 0) socket.setTimeout(ms);
    else if (socket.readableEnded) socket.setTimeout(HALF_CLOSED_IDLE_MS);
    else socket.once('end', () => socket.setTimeout(HALF_CLOSED_IDLE_MS));
  }

  #pipe(side: Side): void {
    const from = this.#socket(side);
    from.pipe(this.#other(side), { end: false });
    // A client that has sent nothing may have finished while its backend was dialled.
    if (from.readableEnded) this.#finished(side);
    else from.once('end', () => this.#finished(side));
  }

  /**
   * One side has sent its last byte, or so it seems: libuv reports an end of stream where it finds a reset right behind
   * the last bytes (uv__stream_io). A write tells the two apart, even one of nothing: it fails after a reset.
   */
  #finished(side: Side): void {
    if (side === this.#unwritable) {
      this.#passOnReset(side);
      return;
    }
    const socket = this.#socket(side);
    const passOn = () => {
      if (this.#end !== undefined) return;
      if (side === 'backend') this.#backendHadFinished = true;
      const other = this.#other(side);
      other.end();
      paceReading(other);
    };
    if (socket.writableLength > 0) systemClock.after(0, passOn);
    else if (socket.writableEnded || isUnix(socket)) passOn();
    else socket.write(EMPTY, passOn);
  }

  /** One side has reset the connection. What it sent before is read on, at the pace of the other. */
  #writeFailed(side: Side): void {
    if (!this.#decide(`${side}-reset`)) {
      this.close('cut');
      return;
    }
    this.#unwritable = side;
    const socket = this.#socket(side);
    if (socket.readableEnded) {
      this.#passOnReset(side);
      return;
    }
    socket.setTimeout(0);
    const other = this.#other(side);
    limitWait(other);
    other.unpipe(socket);
    systemClock.after(DISCARD_AFTER_MS, () => {
      if (this.#unwritable === side) this.#discard(other);
    });
  }

  #passOnReset(side: Side): void {
    this.#unwritable = undefined;
    this.report();
    const from = this.#socket(side);
    const to = this.#other(side);
    const bytesBefore = side === 'client' ? this.#txBytes : this.#rxBytes;
    from.unpipe(to);
    to.unpipe(from);
    let hasWritten = bytesBefore > 0 || to.writableLength > 0;
    // `read` still hands out what a failed stream had buffered.
    for (let chunk: unknown = from.read(); chunk !== null && !to.writableEnded; chunk = from.read()) {
      to.write(chunk as Buffer);
      hasWritten = true;
    }
    from.destroy();
    limitWait(to);
    if (to.writableLength > 0) this.#discard(to);
    whenFlushed(to, () => {
      if (!hasWritten) return reset(to);
      const end = (isDelivered: boolean) => (isDelivered ? reset(to) : to.destroy());
      this.#tools.sendQueues.whenDelivered(to, end, () => this.#discard(to));
    });
  }

  /** A side that takes nothing may be one that reads only when it has sent all, and its other side is gone. */
  #discard(socket: Socket): void {
    if (socket.destroyed || socket.listenerCount('data') > 0) return;
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_DISCARDED_BYTES) this.cut();
    });
    socket.resume();
  }

  #socket(side: Side): Socket {
    return side === 'client' ? this.#client : this.#backend;
  }

  #other(side: Side): Socket {
    return side === 'client' ? this.#backend : this.#client;
  }
}

/** For a side that is only waited for until it has read what there is. */
function limitWait(socket: Socket): void {
  if (socket.timeout === undefined || socket.timeout === 0) socket.setTimeout(HALF_CLOSED_IDLE_MS);
}

function whenFlushed(socket: Socket, done: () => void): void {
  if (socket.destroyed) return;
  if (socket.writableFinished || (socket.writableLength === 0 && !socket.writableEnded)) done();
  else if (socket.writableEnded) socket.once('finish', done);
  else socket.write(EMPTY, (error) => (error ? undefined : done()));
}

/** A unix socket knows no reset, and libuv refuses one while a shutdown is under way: those are closed. */
export function reset(socket: Socket): void {
  const isShuttingDown = socket.writableEnded && !socket.writableFinished;
  if (socket.destroyed) return;
  if (isUnix(socket) || isShuttingDown) socket.destroy();
  else socket.resetAndDestroy();
}

/** Of the local end, which the kernel still tells after a reset. */
function isUnix(socket: Socket): boolean {
  return socket.localFamily === undefined;
}
