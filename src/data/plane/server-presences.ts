import type { ClientTable } from '../../ledger/client-table.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import { ServerPresence } from './server-presence.ts';
import type { ThreadHandle } from './thread-handle.ts';

/** A server that is present, with what its threads count in. */
export interface PresentServer {
  readonly id: number;
  readonly ledger: ServerLedger;
  readonly clients?: ClientTable | undefined;
}

/** The servers that are on some thread, or still have connections on one. */
export class ServerPresences {
  readonly #presences = new Map<number, ServerPresence>();
  readonly #onEmpty: (server: number) => void;

  /** @param onEmpty a server was removed, and its last connection has ended */
  constructor(onEmpty: (server: number) => void) {
    this.#onEmpty = onEmpty;
  }

  has(server: number): boolean {
    return this.#presences.has(server);
  }

  /** These are present from now on, on these threads; the others are removed. */
  replace(servers: readonly PresentServer[], threadsOf: (server: number) => ReadonlySet<ThreadHandle>): void {
    for (const server of servers) this.#presenceOf(server).count(server.clients);
    for (const [server, presence] of this.#presences) presence.placeOn(threadsOf(server));
  }

  /** The server has retired from the thread. */
  retired(server: number, thread: ThreadHandle): void {
    this.#presences.get(server)?.retired(thread);
  }

  threadDied(thread: ThreadHandle): void {
    for (const presence of this.#presences.values()) presence.threadDied(thread);
  }

  /** Resolves when the last connection of a removed server has ended. */
  async empty(server: number): Promise<void> {
    await this.#presences.get(server)?.empty;
  }

  /** The oldest snapshot of a server by which a thread may still elect; 0 where there is none. */
  appliedByAll(server: number): number {
    const threads = this.#presences.get(server)?.threads() ?? [];
    if (threads.length === 0) return 0;
    return Math.min(...threads.map((thread) => thread.applied.get(server) ?? 0));
  }

  /** Whether no thread elects from a snapshot of the server before this version any more. */
  haveApplied(server: number, version: number): boolean {
    const threads = this.#presences.get(server)?.threads() ?? [];
    return threads.every((thread) => (thread.applied.get(server) ?? 0) >= version);
  }

  #presenceOf({ id, ledger }: PresentServer): ServerPresence {
    const existing = this.#presences.get(id);
    if (existing !== undefined) return existing;
    const presence = new ServerPresence(ledger);
    this.#presences.set(id, presence);
    void presence.empty.then(() => {
      this.#presences.delete(id);
      this.#onEmpty(id);
    });
    return presence;
  }
}
