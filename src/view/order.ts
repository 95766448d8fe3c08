import { COLUMNS } from './columns.ts';
import { backendStatus, isTroubled, serverStatus, type Tone } from './status.ts';
import type { BackendJson, ServerJson, SnapshotJson } from './wire.ts';

/** @property by `name`, `state`, or the id of a column */
export interface Order {
  readonly by: string;
  readonly isDescending: boolean;
}

export interface Wish {
  readonly filter: string;
  /** Only servers and backends that need attention. */
  readonly isTroubleOnly: boolean;
  /** Absent: as in the configuration. */
  readonly order: Order | undefined;
}

/** Worst last, so that a descending order begins with it. */
const SEVERITY: Readonly<Record<Tone, number>> = { good: 0, calm: 1, warn: 2, bad: 3 };

/** A server with those of its backends that are wanted. */
export interface Shown {
  readonly server: ServerJson;
  readonly backends: readonly BackendJson[];
}

/**
 * The servers and backends that are wanted, in the order that is. A filter that a server meets shows all of its
 * backends; else it shows those that meet it.
 */
export function arranged({ at, servers }: SnapshotJson, { filter, isTroubleOnly, order }: Wish): readonly Shown[] {
  const now = Date.parse(at);
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = servers.flatMap((server) => {
    const troubled = isTroubleOnly ? server.backends.filter(isTroubled) : server.backends;
    if (isTroubleOnly && troubled.length === 0 && serverStatus(server).tone === 'good') return [];
    const rest = words.filter((word) => !server.name.toLowerCase().includes(word));
    const backends = rest.length === 0 ? troubled : troubled.filter((backend) => meets(backend, rest, now));
    return rest.length > 0 && backends.length === 0 ? [] : [{ server, backends }];
  });
  if (order === undefined) return shown;
  return shown
    .map(({ server, backends }) => ({
      server,
      backends: backends.toSorted(comparison(order, (backend) => backendRank(backend, order.by, now))),
    }))
    .toSorted(comparison(order, ({ server }) => serverRank(server, order.by, now)));
}

/** What a click on the head of a column makes of the order: the most first, then the least, then none. */
export function nextOrder(order: Order | undefined, by: string): Order | undefined {
  const startsDescending = by !== 'name';
  if (order?.by !== by) return { by, isDescending: startsDescending };
  return order.isDescending === startsDescending ? { by, isDescending: !startsDescending } : undefined;
}

function meets(backend: BackendJson, words: readonly string[], now: number): boolean {
  const { word, note } = backendStatus(backend, now);
  const text = `${backend.key} ${word} ${note}`.toLowerCase();
  return words.every((each) => text.includes(each));
}

type Rank = number | string;

function serverRank(server: ServerJson, by: string, now: number): Rank {
  if (by === 'name') return server.name;
  if (by === 'state') return SEVERITY[serverStatus(server).tone];
  return COLUMNS.find(({ id }) => id === by)?.server(server, now)?.value ?? -1;
}

function backendRank(backend: BackendJson, by: string, now: number): Rank {
  if (by === 'name') return backend.key;
  if (by === 'state') return SEVERITY[backendStatus(backend, now).tone];
  return COLUMNS.find(({ id }) => id === by)?.backend(backend, now)?.value ?? -1;
}

/** Equals stay as they are. */
function comparison<T>({ isDescending }: Order, rank: (item: T) => Rank): (a: T, b: T) => number {
  const sign = isDescending ? -1 : 1;
  return (a, b) => sign * compare(rank(a), rank(b));
}

/** Numbers in names count as numbers: `10.0.0.9` stands before `10.0.0.10`. */
function compare(a: Rank, b: Rank): number {
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, 'en', { numeric: true });
  return a === b ? 0 : a < b ? -1 : 1;
}
