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
  readonly #owed = new Map<ThreadHandle, number>();
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
      if (!this.#present.has(thread)) this.#owed.set(thread, (this.#owed.get(thread) ?? 0) + 1);
    }
    this.#present = threads;
    this.#isRemoved = threads.size === 0;
    this.#checkEmpty();
  }

  /** The server has retired from the thread. */
  departed(thread: ThreadHandle): void {
    const owed = (this.#owed.get(thread) ?? 0) - 1;
    if (owed > 0) this.#owed.set(thread, owed);
    else this.#owed.delete(thread);
    this.#checkEmpty();
  }

  died(thread: ThreadHandle): void {
    this.#ledger.reclaim(thread.number, thread.queue);
    this.#clients?.reclaim(thread.number);
    this.#owed.delete(thread);
    this.#present = new Set([...this.#present].filter((one) => one !== thread));
    this.#checkEmpty();
  }

  /** Those that may still elect for this server. */
  threads(): readonly ThreadHandle[] {
    return [...this.#owed.keys()];
  }

  #checkEmpty(): void {
    if (this.#isRemoved && this.#owed.size === 0) this.#resolve();
  }
}
