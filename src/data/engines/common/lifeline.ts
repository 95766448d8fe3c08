/** Which descriptors a thread that its engine owns has open: memory that the main thread shares with it. */
export interface FdLedger {
  /** A byte for each descriptor of the process, 1 for those that the thread has open. */
  readonly opened: SharedArrayBuffer;
}

/** What the main thread holds of a thread that its engine owns: it wakes it, and cleans up after it. */
export interface Lifeline {
  readonly fdLedger: FdLedger;
  /** Has the thread look for messages. */
  wake(): void;
  /** Once the thread has ended, however it did: closes what it left open. */
  release(): void;
}
