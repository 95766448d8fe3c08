import type { SocketAddress } from '../../core/address.ts';
import type { SharedSocket } from '../../core/engine.ts';

/** The main thread's end of a listening socket that all threads of an engine accept from. */
export interface SharedListener {
  /** In use, with the port that the kernel chose where 0 was asked. */
  readonly at: SocketAddress;
  /** Makes a thread one of its holders. @param seat the thread's own while it lives; 0 and up */
  admit(seat: number): SharedSocket;
  /** A thread that may have held it has died. */
  vacate(seat: number): void;
  /** Nobody is admitted any more; it closes when the last thread has let go of it, at once if there is none. */
  release(): void;
}
