import type { Socket } from 'node:net';
import type { KernelTable, SocketRow } from './kernel-table.ts';
import { isUnix } from './socket-end.ts';
import type { WritableHalf } from './writable-half.ts';

/** More than a lost packet or two. */
const UNANSWERED_RETRANSMITS = 3;
/** A peer that lives and takes nothing has at most one. */
const UNANSWERED_PROBES = 4;

/** How long one side of a relay has been silent: its peer sent nothing, and acknowledged nothing. */
export class SideSilence {
  readonly socket: Socket;
  /** Milliseconds that it may be silent; 0 for ever. */
  limitMs = 0;
  isLooking = false;
  lookedAt = 0;
  /** At the last look: bytes that the peer had not acknowledged, and whether it answers. */
  queuedBytes = 0;
  isUnanswered = false;
  /** What is sent to it, and what it sends. */
  readonly #to: WritableHalf;
  readonly #from: WritableHalf;
  /** Undefined before it was asked: Node asks the kernel for that. */
  #kernelTells: boolean | undefined;
  #signAt: number;
  #observedAt: number;
  #readBytes: number;
  #takenBytes = 0;
  #acknowledgedBytes = 0;
  #acknowledgedAt = 0;

  /** @param now milliseconds of the engine's clock */
  constructor(socket: Socket, to: WritableHalf, from: WritableHalf, now: number) {
    this.socket = socket;
    this.#to = to;
    this.#from = from;
    this.#signAt = this.#observedAt = now;
    this.#readBytes = socket.bytesRead;
  }

  /** When it last gave a sign of life. */
  get signAt(): number {
    return this.#signAt;
  }

  /** The kernel tells what its peer has acknowledged. */
  get kernelTells(): boolean {
    return (this.#kernelTells ??= !isUnix(this.socket));
  }

  /** Not all is acknowledged that was sent to it, as far as was looked. */
  get awaitsAcknowledgement(): boolean {
    return this.#to.takenBytes > this.#acknowledgedBytes && this.kernelTells;
  }

  /** When it was last seen to have acknowledged something. */
  get acknowledgedAt(): number {
    return this.#acknowledgedAt;
  }

  /** There is something for it to take. */
  get hasPending(): boolean {
    return this.#to.hasPending || this.awaitsAcknowledgement;
  }

  /** Sent since all was acknowledged, as far as was looked. */
  get unseenBytes(): number {
    return this.#to.takenBytes - this.#acknowledgedBytes;
  }

  sign(at: number): void {
    this.#signAt = Math.max(this.#signAt, at);
  }

  /** Takes note of what moved since the last time. */
  observe(now: number): void {
    const { bytesRead } = this.socket;
    if (bytesRead !== this.#readBytes) this.sign(this.#begunAt(this.#from, now));
    this.#readBytes = bytesRead;
    const { takenBytes } = this.#to;
    if (takenBytes !== this.#takenBytes && !this.kernelTells) this.sign(this.#begunAt(this.#to, now));
    this.#takenBytes = takenBytes;
    this.#observedAt = now;
  }

  /** Asks the kernel's table. @param done called once, also when the socket is gone by then */
  look(table: KernelTable, now: () => number, done: () => void): void {
    const { takenBytes, begunAt } = this.#to;
    this.isLooking = true;
    table.ask(this.socket, (row) => {
      this.isLooking = false;
      this.lookedAt = now();
      if (row === undefined) this.#kernelTells = false;
      else if (row.queuedBytes === 0) this.#allAcknowledged(takenBytes, begunAt);
      else this.#someAcknowledged(takenBytes - row.queuedBytes, row);
      done();
    });
  }

  /** When that was the kernel does not tell: after the last look, which found some under way, or soon after it took them. */
  #allAcknowledged(takenBytes: number, begunAt: number): void {
    const isLate = this.queuedBytes > 0 || !this.#to.isTimed;
    this.#acknowledged(takenBytes, isLate ? this.lookedAt : begunAt);
    this.queuedBytes = 0;
    this.isUnanswered = false;
  }

  #someAcknowledged(acknowledgedBytes: number, { queuedBytes, retransmits, probes }: SocketRow): void {
    this.queuedBytes = this.#to.hasFinished ? queuedBytes - 1 : queuedBytes;
    this.isUnanswered = retransmits >= UNANSWERED_RETRANSMITS || probes >= UNANSWERED_PROBES;
    this.#acknowledged(acknowledgedBytes, this.lookedAt);
  }

  #acknowledged(bytes: number, at: number): void {
    if (bytes <= this.#acknowledgedBytes) return;
    this.#acknowledgedBytes = bytes;
    this.#acknowledgedAt = at;
    this.sign(at);
  }

  /** Bytes that were received while others waited begin to be written later. */
  #begunAt({ begunAt }: WritableHalf, now: number): number {
    return begunAt > this.#observedAt ? begunAt : now;
  }
}
