import type { SocketAddress } from '../../../core/address.ts';
import type { SharedSocket } from '../../../core/engine.ts';

/**
 * The main thread's end of a listening socket that all threads of an engine accept from. A thread has a seat of its own
 * while it lives, 0 and up.
 */
export interface SharedListener {
  /** In use, with the port that the kernel chose where 0 was asked. */
  readonly at: SocketAddress;
  /** What the thread in a seat is to know of it. */
  socketFor(seat: number): SharedSocket;
  /** Makes the thread in a seat one of its holders, until it lets go; before that thread listens. */
  admit(seat: number): void;
  /** The thread in a seat, which may have held it, has died. */
  vacate(seat: number): void;
  /** Nobody is admitted any more. It closes when the last thread has let go of it, at once if none holds it. */
  release(): void;
}
