/**
 * What the threads of one engine call each other by, as the main thread has it: a waker for each index of a
 * worker. It stays when that thread dies, so that a call then reaches none, or the next one, and never another.
 */
export interface Wakers {
  /** For the threads, in the engine's own format. */
  readonly memory: SharedArrayBuffer;
  /** To be called before a thread gets this index. @throws Error with the system's code, when there is no descriptor left */
  install(workerIndex: number): void;
  /** All threads have ended, and none follows. */
  close(): void;
}

/** One thread among those of its engine. Plain data, to be sent to it. */
export interface EngineWorker {
  /** 0 and up. */
  readonly index: number;
  /** Of all of them. @see Wakers */
  readonly wakers: SharedArrayBuffer;
}
