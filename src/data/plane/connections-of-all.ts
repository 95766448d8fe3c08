import type { ConnectionList, ConnectionMatch, ConnectionQuery, ConnectionStatus } from '../../core/connection-list.ts';
import type { ThreadHandle } from './thread-handle.ts';

/** What ranks first has the highest. */
const RANKS = {
  age: ({ ageMs }) => ageMs,
  rx: ({ rxBytes }) => rxBytes,
  tx: ({ txBytes }) => txBytes,
} as const satisfies Record<ConnectionQuery['sort'], (connection: ConnectionStatus) => number>;

/** Rows of one answer: each thread finds so many, and all of them cross to the main thread. */
const MOST_ROWS = 1_000;

/** `3-1842`: the number of its thread, and its own there. */
const ID = /^(\d{1,15})-(\d{1,15})$/;

/** The connections of all threads. A thread that ends meanwhile has none. */
export async function listConnections(
  threads: Iterable<ThreadHandle>,
  { limit, ...rest }: ConnectionQuery,
): Promise<ConnectionList> {
  const query = { ...rest, limit: Math.min(limit, MOST_ROWS) };
  const lists = (await Promise.all([...threads].map((thread) => thread.list(query)))).filter(
    (list) => list !== undefined,
  );
  const rankOf = RANKS[query.sort];
  const latest = Math.max(...lists.map(({ at }) => at));
  const connections = lists
    .flatMap((list) => list.connections.map((connection) => aged(connection, latest - list.at)))
    .sort((one, other) => rankOf(other) - rankOf(one) || other.ageMs - one.ageMs);
  return { total: lists.reduce((sum, { total }) => sum + total, 0), connections: connections.slice(0, query.limit) };
}

/** As of a little later: the threads do not answer at the same moment. What is queued has waited so much longer, too. */
function aged(connection: ConnectionStatus, byMs: number): ConnectionStatus {
  const ageMs = Math.round((connection.ageMs + byMs) * 10) / 10;
  return { ...connection, ageMs, queueMs: connection.stage === 'queued' ? ageMs : connection.queueMs };
}

/** Cuts all that match. @returns how many */
export async function killConnections(threads: Iterable<ThreadHandle>, match: ConnectionMatch): Promise<number> {
  const counts = await Promise.all([...threads].map((thread) => thread.kill(match)));
  return counts.reduce<number>((sum, count = 0) => sum + count, 0);
}

/** @returns whether it was there */
export async function killConnection(threads: Iterable<ThreadHandle>, id: string): Promise<boolean> {
  const [, threadNumber, number] = ID.exec(id) ?? [];
  const thread = [...threads].find((one) => one.number === Number(threadNumber));
  return thread !== undefined && (await thread.kill(Number(number))) === 1;
}
