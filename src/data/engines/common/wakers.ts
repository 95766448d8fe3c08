/**
 * What the threads of one engine call each other by, as the main thread has it: a waker for each seat. It stays when the
 * thread in its seat dies, so that a call then reaches nobody, or the next one, and never somebody else.
 */
export interface Wakers {
  /** For the threads, in the engine's own format. */
  readonly memory: SharedArrayBuffer;
  /** To be called before a thread takes the seat. @throws Error with the system's code, when there is no descriptor left */
  install(seat: number): void;
  /** All threads have ended, and none follows. */
  close(): void;
}

/** A thread's seat among those of its engine. Plain data, to be sent to that thread. */
export interface Seat {
  /** 0 and up. */
  readonly number: number;
  /** Of all seats. @see Wakers */
  readonly wakers: SharedArrayBuffer;
}
