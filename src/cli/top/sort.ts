import type { Backend, Server } from '../remote/answers.ts';
import { errorsOf } from '../text/errors-of.ts';

type Figures<Thing> = Readonly<Record<Exclude<SortKey, 'name'>, (thing: Thing) => number>>;

/** What servers, and the backends of each, can be ordered by; all but the name begin with the most. */
export type SortKey = 'name' | 'connections' | 'new' | 'bytes' | 'errors' | 'waiting';

/** The key that is pressed for each. */
export const SORT_KEYS: Readonly<Record<string, SortKey>> = {
  N: 'name',
  C: 'connections',
  S: 'new',
  B: 'bytes',
  E: 'errors',
  W: 'waiting',
};

const SERVERS: Figures<Server> = {
  connections: ({ active }) => active,
  new: ({ rates }) => rates.connections,
  bytes: ({ rates }) => rates.rx + rates.tx,
  errors: errorsOf,
  waiting: ({ waiting }) => waiting,
};

const BACKENDS: Figures<Backend> = {
  connections: ({ active }) => active,
  new: ({ rates }) => rates.connections,
  bytes: ({ rates }) => rates.rx + rates.tx,
  errors: ({ refused }) => refused,
  // Clients wait for a server.
  waiting: () => 0,
};

/** Equal rows stay in the order of the API. */
export function sortedServers(servers: readonly Server[], by: SortKey, isReversed: boolean): readonly Server[] {
  if (by === 'name') return inOrder(servers, (one, other) => compared(one.name, other.name), isReversed);
  return inOrder(servers, (one, other) => SERVERS[by](other) - SERVERS[by](one), isReversed);
}

export function sortedBackends(backends: readonly Backend[], by: SortKey, isReversed: boolean): readonly Backend[] {
  if (by === 'name') return inOrder(backends, (one, other) => compared(one.key, other.key), isReversed);
  return inOrder(backends, (one, other) => BACKENDS[by](other) - BACKENDS[by](one), isReversed);
}

function inOrder<Thing>(things: readonly Thing[], compare: (one: Thing, other: Thing) => number, isReversed: boolean) {
  return things.toSorted((one, other) => (isReversed ? -1 : 1) * compare(one, other));
}

/** Numbers in names by their value: 10.0.0.2:80 before 10.0.0.10:80. */
function compared(one: string, other: string): number {
  return NUMERIC.compare(one, other);
}

const NUMERIC = new Intl.Collator('en', { numeric: true });
