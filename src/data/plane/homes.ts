import type { ClientTable } from '../../ledger/client-table.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import { Home } from './home.ts';
import type { ThreadHandle } from './thread-handle.ts';

/** A server that is present, with what its threads count in. */
export interface Resident {
  readonly id: number;
  readonly ledger: ServerLedger;
  readonly clients?: ClientTable | undefined;
}

/** The servers that are on some thread, or still have connections on one. */
export class Homes {
  readonly #homes = new Map<number, Home>();
  readonly #onEmpty: (server: number) => void;

  /** @param onEmpty a server was removed, and its last connection has ended */
  constructor(onEmpty: (server: number) => void) {
    this.#onEmpty = onEmpty;
  }

  has(server: number): boolean {
    return this.#homes.has(server);
  }

  /** These are present from now on, on these threads; the others are removed. */
  settle(residents: readonly Resident[], threadsOf: (server: number) => ReadonlySet<ThreadHandle>): void {
    for (const resident of residents) this.#homeOf(resident).count(resident.clients);
    for (const [server, home] of this.#homes) home.settle(threadsOf(server));
  }

  /** The server has retired from the thread. */
  departed(server: number, thread: ThreadHandle): void {
    this.#homes.get(server)?.departed(thread);
  }

  died(thread: ThreadHandle): void {
    for (const home of this.#homes.values()) home.died(thread);
  }

  /** Resolves when the last connection of a removed server has ended. */
  async empty(server: number): Promise<void> {
    await this.#homes.get(server)?.empty;
  }

  /** The oldest snapshot of a server by which a thread may still elect; 0 where there is none. */
  appliedByAll(server: number): number {
    const threads = this.#homes.get(server)?.threads() ?? [];
    if (threads.length === 0) return 0;
    return Math.min(...threads.map((thread) => thread.applied.get(server) ?? 0));
  }

  /** Whether no thread elects from a snapshot of the server before this version any more. */
  haveApplied(server: number, version: number): boolean {
    const threads = this.#homes.get(server)?.threads() ?? [];
    return threads.every((thread) => (thread.applied.get(server) ?? 0) >= version);
  }

  #homeOf({ id, ledger }: Resident): Home {
    const known = this.#homes.get(id);
    if (known !== undefined) return known;
    const home = new Home(ledger);
    this.#homes.set(id, home);
    void home.empty.then(() => {
      this.#homes.delete(id);
      this.#onEmpty(id);
    });
    return home;
  }
}
