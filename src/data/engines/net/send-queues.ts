import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../core/clock.ts';
import type { KernelTable } from './kernel-table.ts';

const FIRST_LOOK_MS = 2;
const SLOWEST_LOOK_MS = 200;
/** At most this part of the time goes into looking. */
const LOOKING_SHARE = 1 / 3;
/** But no pause is longer: a process that stood still meanwhile has not looked for as long as it seems. */
const LONGEST_PAUSE_MS = 1000;

/**
 * Tells when the kernel has delivered all that was written to a socket: a reset, and a close at a later write of the
 * peer, throw away what is still in the send queue. One reading serves all that wait, and the pauses grow.
 */
export class SendQueues {
  readonly #clock: Clock;
  readonly #table: KernelTable;
  readonly #waiting = new Map<Socket, Waiting>();
  #isLooking = false;
  #timer: Timer | undefined;
  /** When the timer fires. */
  #nextLook = 0;
  #pauseMs = FIRST_LOOK_MS;
  #tookMs = 0;

  constructor(clock: Clock, table: KernelTable) {
    this.#clock = clock;
    this.#table = table;
  }

  /**
   * @param done called once, never from within this call: `delivered` false where the kernel does not tell.
   *   Not called when the socket is destroyed before.
   * @param queued called at each look that found something still to be delivered
   */
  whenDelivered(socket: Socket, done: (delivered: boolean) => void, queued: () => void = () => undefined): void {
    this.#waiting.set(socket, { done, queued });
    this.#pauseMs = FIRST_LOOK_MS;
    if (this.#isLooking) return;
    if (this.#timer === undefined) this.#look();
    else this.#lookLater();
  }

  /** Never later than was said before: else sockets that keep coming would put it off for good. */
  #lookLater(): void {
    const pauseMs = Math.max(this.#pauseMs, Math.min(this.#tookMs / LOOKING_SHARE, LONGEST_PAUSE_MS));
    const at = this.#clock.now() + pauseMs;
    if (this.#timer !== undefined && this.#nextLook <= at) return;
    this.#timer?.cancel();
    this.#nextLook = at;
    this.#timer = this.#clock.after(pauseMs, () => this.#look());
  }

  /** A socket that comes during the reading may have been written to since: it is not told by this one. */
  #look(): void {
    this.#timer = undefined;
    this.#isLooking = true;
    const before = this.#clock.now();
    let open = this.#waiting.size;
    for (const [socket, waiting] of this.#waiting) {
      this.#table.ask(socket, (row) => {
        if (socket.destroyed) this.#waiting.delete(socket);
        else if (row === undefined || row.queuedBytes === 0) {
          this.#waiting.delete(socket);
          waiting.done(row !== undefined);
        } else waiting.queued();
        open -= 1;
        if (open === 0) this.#looked(this.#clock.now() - before);
      });
    }
  }

  #looked(tookMs: number): void {
    this.#tookMs = tookMs;
    this.#isLooking = false;
    if (this.#waiting.size === 0) return;
    this.#lookLater();
    this.#pauseMs = Math.min(this.#pauseMs * 2, SLOWEST_LOOK_MS);
  }
}

interface Waiting {
  readonly done: (delivered: boolean) => void;
  readonly queued: () => void;
}
