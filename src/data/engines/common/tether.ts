/** What the main thread shares with a thread that its engine owns. */
export interface Tether {
  /** A byte for each descriptor of the process, 1 for those that the thread has open. */
  readonly opened: SharedArrayBuffer;
}

/** The main thread's end of a tether. */
export interface Leash {
  readonly tether: Tether;
  /** Has the thread look for messages. */
  wake(): void;
  /** Once the thread has ended, however it did: closes what it left open. */
  release(): void;
}
