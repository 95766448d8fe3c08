import type { ClientTable } from '../../ledger/client-table.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import type { ThreadHandle } from './thread-handle.ts';

/** On which threads one server is, or still has connections; and when it has none anywhere. */
export class ServerPresence {
  /** Resolves when the server was removed and its last connection has ended. */
  readonly empty: Promise<void>;
  readonly #ledger: ServerLedger;
  #clients: ClientTable | undefined;
  #present: ReadonlySet<ThreadHandle> = new Set();
  /** How often each thread still has to report that the server has retired from it. */
  readonly #reportsDue = new Map<ThreadHandle, number>();
  #isRemoved = false;
  #resolve: () => void = () => undefined;

  constructor(ledger: ServerLedger) {
    this.#ledger = ledger;
    this.empty = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Its clients are counted here, too. */
  count(clients: ClientTable | undefined): void {
    this.#clients = clients ?? this.#clients;
  }

  /** From now on the server is on these threads; on none, when it was removed. */
  placeOn(threads: ReadonlySet<ThreadHandle>): void {
    for (const thread of threads) {
      if (!this.#present.has(thread)) this.#reportsDue.set(thread, (this.#reportsDue.get(thread) ?? 0) + 1);
    }
    this.#present = threads;
    this.#isRemoved = threads.size === 0;
    this.#checkEmpty();
  }

  /** The server has retired from the thread. */
  retired(thread: ThreadHandle): void {
    const due = (this.#reportsDue.get(thread) ?? 0) - 1;
    if (due > 0) this.#reportsDue.set(thread, due);
    else this.#reportsDue.delete(thread);
    this.#checkEmpty();
  }

  threadDied(thread: ThreadHandle): void {
    this.#ledger.reclaim(thread.number, thread.queue);
    this.#clients?.reclaim(thread.number);
    this.#reportsDue.delete(thread);
    this.#present = new Set([...this.#present].filter((one) => one !== thread));
    this.#checkEmpty();
  }

  /** The threads that may still elect for this server. */
  threads(): readonly ThreadHandle[] {
    return [...this.#reportsDue.keys()];
  }

  #checkEmpty(): void {
    if (this.#isRemoved && this.#reportsDue.size === 0) this.#resolve();
  }
}
