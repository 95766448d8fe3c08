import type { Socket } from 'node:net';
import type { PairEnd, RelayLimits } from '../../../core/engine.ts';
import type { KeepAlive } from '../../../core/limits.ts';
import { BackendEnd } from './backend-end.ts';
import { Delivery } from './delivery.ts';
import { discard } from './discard.ts';
import { setKeepAlive } from './keep-alive.ts';
import { paceReading } from './pace-reading.ts';
import type { NetShared } from './shared.ts';
import { lossOf, otherOf, type Side } from './side.ts';
import { SideSilence } from './side-silence.ts';
import { Silence, type Silenced } from './silence.ts';
import { isUnix } from './socket-end.ts';
import { WritableHalf } from './writable-half.ts';

/** How long a side whose other side is gone may take what is left for it before we read on from it. */
const DISCARD_AFTER_MS = 100;

/** A peer's kernel takes so many bytes even if its program reads none; more of them may be queued in ours. */
const WINDOW_BYTES = 64 * 1024;

const EMPTY = Buffer.alloc(0);

/** @param rxBytes delivered to the client since the last time, and txBytes to the backend */
type Moved = (rxBytes: number, txBytes: number) => void;

/**
 * Moves bytes between two connected sockets with `pipe`, which brings backpressure. What is added: the end of each
 * side, in order or not, limits of silence, and the count of bytes delivered. Both sockets close in the end, whatever
 * happens; their owner waits for that.
 */
export class Relay {
  readonly backendEnd: BackendEnd;
  readonly #sockets: Readonly<Record<Side, Socket>>;
  readonly #shared: NetShared;
  readonly #delivery: Delivery;
  /** What is sent to each side. */
  readonly #to: Readonly<Record<Side, WritableHalf>>;
  readonly #sides: Readonly<Record<Side, SideSilence>>;
  readonly #silence: Silence;
  /** Yet to be set. */
  #keepAlive: KeepAlive | undefined;
  #end: PairEnd | undefined;
  #unacknowledgedBytes = 0;
  /** Nothing can be written to it any more, but there may be something to read before its reset is passed on. */
  #unwritable: Side | undefined;

  constructor(sockets: Readonly<Record<Side, Socket>>, limits: RelayLimits, shared: NetShared, moved: Moved) {
    const { client, backend } = sockets;
    this.backendEnd = new BackendEnd(client);
    this.#sockets = sockets;
    this.#shared = shared;
    const [toClient, toBackend] = [this.#half('client'), this.#half('backend')];
    this.#to = { client: toClient, backend: toBackend };
    toClient.isTimed = toBackend.isTimed = limits.client.idleMs > 0 || limits.backend.idleMs > 0;
    this.#delivery = new Delivery(toClient, toBackend, moved);
    const now = shared.clock.now();
    this.#sides = {
      client: new SideSilence(client, toClient, toBackend, now),
      backend: new SideSilence(backend, toBackend, toClient, now),
    };
    this.#silence = new Silence(this.#sides, limits, {
      clock: shared.clock,
      table: shared.table,
      silent: (side, as, bytes) => this.#giveUp(side, as, bytes),
    });
    this.#keepAlive = limits.keepAlive;
  }

  /**
   * @param preface for the backend, before anything of the client's; not counted
   * @param first of the client's bytes, which are not in its stream any more
   */
  begin(preface: Buffer | undefined, ...first: readonly (Buffer | undefined)[]): void {
    const { backend } = this.#sockets;
    if (preface !== undefined) {
      this.#to.backend.leaveOut(preface.length);
      backend.write(preface);
    }
    for (const bytes of first) if (bytes !== undefined && bytes.length > 0) backend.write(bytes);
    this.#pipe('client');
    this.#pipe('backend');
  }

  /** How it ended; `finished` unless something cut it short. */
  get end(): PairEnd {
    return this.#end ?? 'finished';
  }

  /** Under way to the side that was silent for too long, where that was the end. */
  get unacknowledgedBytes(): number {
    return this.#unacknowledgedBytes;
  }

  /** To be called now and then. Keep-alive is for connections that are still there then: most are over before. */
  visit(): void {
    if (this.#keepAlive !== undefined) {
      setKeepAlive(this.#sockets.client, this.#keepAlive);
      setKeepAlive(this.#sockets.backend, this.#keepAlive);
      this.#keepAlive = undefined;
    }
    this.#delivery.report();
    this.#silence.check();
  }

  /** One side's socket failed; Node has destroyed it. The other gets what was received before, and then a reset. */
  failed(side: Side, code: string): void {
    if (this.#decide(lossOf(side, code)) || side === this.#unwritable) this.#passOnReset(side);
    else this.#sockets[otherOf(side)].destroy();
  }

  /** Resets both at once. */
  cut(): void {
    this.#decide('cut');
    this.#to.client.reset();
    this.#to.backend.reset();
  }

  /** Closes both at once. */
  close(): void {
    this.#decide('cut');
    this.#sockets.client.destroy();
    this.#sockets.backend.destroy();
  }

  /** Both sockets are closed. */
  stop(): void {
    this.#silence.stop();
    this.#delivery.report();
  }

  #half(side: Side): WritableHalf {
    return new WritableHalf(this.#sockets[side], {
      writeFailed: (code) => this.#writeFailed(side, code),
      finishSent: () => this.#releaseWhenTaken(side),
    });
  }

  /** @returns false when it was decided before */
  #decide(end: PairEnd): boolean {
    if (this.#end !== undefined) return false;
    this.#delivery.report();
    this.#end = end;
    this.backendEnd.decided(end);
    return true;
  }

  #giveUp(side: Side, as: Silenced, unacknowledgedBytes: number): void {
    if (this.#decide(`${side}-${as}`)) this.#unacknowledgedBytes = unacknowledgedBytes;
    this.cut();
  }

  #pipe(side: Side): void {
    const from = this.#sockets[side];
    from.pipe(this.#sockets[otherOf(side)], { end: false });
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
    const socket = this.#sockets[side];
    const passOn = () => {
      if (this.#end !== undefined) return;
      if (side === 'backend') this.backendEnd.finished();
      const other = this.#sockets[otherOf(side)];
      other.end();
      paceReading(other);
      this.#to.client.isTimed = this.#to.backend.isTimed = true;
      this.#silence.halfClosed();
    };
    if (socket.writableLength > 0) this.#shared.clock.after(0, passOn);
    else if (socket.writableEnded || isUnix(socket)) passOn();
    else socket.write(EMPTY, passOn);
    this.#releaseWhenTaken(side);
  }

  /**
   * A stream that is released closes its socket once both its directions have ended. What is queued then the kernel
   * delivers, but a peer that lives and takes none of it would have it kept for ever: so it is waited for, within the
   * limits of silence.
   */
  #releaseWhenTaken(side: Side): void {
    const socket = this.#sockets[side];
    const half = this.#to[side];
    if (!half.hasFinished || !socket.readableEnded || socket.destroyed) return;
    if (this.#sides[side].unseenBytes <= WINDOW_BYTES || isUnix(socket)) half.release();
    else this.#shared.sendQueues.whenDelivered(socket, () => half.release());
  }

  /** One side has reset the connection. What it sent before is read on, at the pace of the other. */
  #writeFailed(side: Side, code: string): void {
    if (!this.#decide(lossOf(side, code))) {
      this.close();
      return;
    }
    this.#unwritable = side;
    const socket = this.#sockets[side];
    if (socket.readableEnded) {
      this.#passOnReset(side);
      return;
    }
    this.#silence.broken();
    const other = this.#sockets[otherOf(side)];
    other.unpipe(socket);
    this.#shared.clock.after(DISCARD_AFTER_MS, () => {
      if (this.#unwritable === side) this.#discard(other);
    });
  }

  #passOnReset(side: Side): void {
    this.#unwritable = undefined;
    this.#delivery.report();
    const from = this.#sockets[side];
    const to = this.#sockets[otherOf(side)];
    from.unpipe(to);
    to.unpipe(from);
    const half = this.#to[otherOf(side)];
    let hasWritten = half.deliveredBytes > 0 || half.hasPending;
    // `read` still hands out what a failed stream had buffered.
    for (let chunk: unknown = from.read(); chunk !== null && !to.writableEnded; chunk = from.read()) {
      to.write(chunk as Buffer);
      hasWritten = true;
    }
    from.destroy();
    this.#silence.broken();
    if (half.hasPending) this.#discard(to);
    half.whenFlushed(() => {
      if (!hasWritten) return half.reset();
      const end = (isDelivered: boolean) => (isDelivered ? half.reset() : to.destroy());
      this.#shared.sendQueues.whenDelivered(to, end, () => this.#discard(to));
    });
  }

  #discard(socket: Socket): void {
    discard(socket, () => this.cut());
  }
}
