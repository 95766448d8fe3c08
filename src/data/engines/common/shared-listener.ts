import type { SocketAddress } from '../../../core/address.ts';
import type { SharedSocket } from '../../../core/engine.ts';

/**
 * The main thread's end of a listening socket that all threads of an engine accept from. A thread is known by
 * its index among the workers of its engine.
 */
export interface SharedListener {
  /** In use, with the port that the kernel chose where 0 was asked. */
  readonly at: SocketAddress;
  /** What a thread is to know of it. */
  socketFor(workerIndex: number): SharedSocket;
  /** Makes a thread one of its holders, until it releases it; before that thread listens. */
  admit(workerIndex: number): void;
  /** A thread, which may have held it, has died. */
  vacate(workerIndex: number): void;
  /** No thread is admitted any more. It closes when the last one has released it, at once if none holds it. */
  release(): void;
}
