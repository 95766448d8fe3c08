import type { Limits } from '../../core/limits.ts';
import { openFilesLimit } from '../../io/open-files.ts';
import { MAX_ENTRIES } from '../../ledger/client-layout.ts';
import { ClientTable } from '../../ledger/client-table.ts';

/** Clients that are remembered at least, so that a client that comes back now and then finds its backend and its bucket. */
const LEAST_CLIENTS = 2 ** 16;
/** Where the system does not tell how many files may be open. */
const MANY_FILES = 2 ** 20;
/** A connection has two, so that the table has room for all that can be open. */
const FILES_PER_CONNECTION = 2;

/** Whether what a server's clients have done is of any interest. */
export function countsClients({ perClient, queue, stickyMs }: Limits): boolean {
  const isQueueShared = queue.timeoutMs > 0 && queue.perClient > 0;
  return perClient.maxConnections > 0 || perClient.rate.count > 0 || stickyMs > 0 || isQueueShared;
}

/** A server's memory of its clients: 64 bytes for each that has come, and 8 for each thread. */
export function clientTable(): ClientTable {
  const connections = Math.ceil((openFilesLimit() ?? MANY_FILES) / FILES_PER_CONNECTION);
  return new ClientTable(Math.min(MAX_ENTRIES, Math.max(LEAST_CLIENTS, connections)));
}
