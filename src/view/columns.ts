import { ageText, bytesText, countText, exactText, limitText, rateText } from './format.ts';
import type { BackendJson, RatesJson, ServerJson } from './wire.ts';

/** One figure of the table. */
export interface Cell {
  readonly text: string;
  /** The value to sort by. */
  readonly value: number;
  /** The exact figure, when the text is rounded. */
  readonly title?: string;
  /** The figure should be 0 and is not. */
  readonly isAlarming?: boolean;
}

export interface Column {
  readonly id: string;
  readonly group: string;
  readonly label: string;
  /** In full, for a tooltip and where there is room. */
  readonly title: string;
  /** @param at of the snapshot, in milliseconds since the epoch. @returns undefined where a server has no such figure */
  readonly server: (server: ServerJson, at: number) => Cell | undefined;
  readonly backend: (backend: BackendJson, at: number) => Cell | undefined;
}

type Figure<T> = (of: T, at: number) => Cell | undefined;

const none = (): undefined => undefined;

function count<T>(figure: (of: T) => number): Figure<T> {
  return (of) => {
    const value = figure(of);
    return { text: countText(value), value, ...exactly(value) };
  };
}

function errors<T>(figure: (of: T) => number): Figure<T> {
  return (of) => {
    const value = figure(of);
    return { text: countText(value), value, isAlarming: value > 0, ...exactly(value) };
  };
}

function limit<T>(figure: (of: T) => number): Figure<T> {
  return (of) => {
    const value = figure(of);
    return { text: limitText(value), value: value === 0 ? Infinity : value };
  };
}

function bytes<T>(figure: (of: T) => number): Figure<T> {
  return (of) => {
    const value = figure(of);
    return { text: bytesText(value), value, title: `${exactText(value)} bytes` };
  };
}

function bytesPerSecond<T extends { readonly rates: RatesJson }>(direction: 'rx' | 'tx'): Figure<T> {
  return ({ rates }) => {
    const value = rates[direction];
    return { text: bytesText(value), value };
  };
}

function connectionsPerSecond<T extends { readonly rates: RatesJson }>(): Figure<T> {
  return ({ rates: { connections, peak_connections: peak } }) => ({
    text: rateText(connections),
    value: connections,
    title: `at most ${rateText(peak)}/s`,
  });
}

function since<T>(date: (of: T) => string): Figure<T> {
  return (of, at) => {
    const value = at - Date.parse(date(of));
    return { text: ageText(value), value, title: date(of) };
  };
}

function exactly(value: number): { readonly title?: string } {
  return value < 100_000_000 ? {} : { title: exactText(value) };
}

/** The figures of the table, from left to right, after the name and the state. */
export const COLUMNS: readonly Column[] = [
  {
    id: 'active',
    group: 'Connections',
    label: 'Open',
    title: 'Connections that are open now',
    server: count(({ active }) => active),
    backend: count(({ active }) => active),
  },
  {
    id: 'peak',
    group: 'Connections',
    label: 'Max',
    title: 'Most connections at once',
    server: count(({ peak }) => peak),
    backend: count(({ peak }) => peak),
  },
  {
    id: 'limit',
    group: 'Connections',
    label: 'Limit',
    title: 'Connections at once that are allowed',
    server: limit(({ max_connections: most }) => most),
    backend: limit(({ max_connections: most }) => most),
  },
  {
    id: 'total',
    group: 'Connections',
    label: 'Total',
    title: 'Connections in all',
    server: count(({ accepted }) => accepted),
    backend: count(({ total }) => total),
  },
  {
    id: 'rate',
    group: 'Connections',
    label: 'Per s',
    title: 'New connections in the last second',
    server: connectionsPerSecond(),
    backend: connectionsPerSecond(),
  },
  {
    id: 'queue',
    group: 'Connections',
    label: 'Queue',
    title: 'Clients that wait for a backend',
    server: count(({ waiting }) => waiting),
    backend: none,
  },
  {
    id: 'tx',
    group: 'Bytes',
    label: 'In',
    title: 'Bytes in: from clients to backends',
    server: bytes(({ tx }) => tx),
    backend: bytes(({ tx }) => tx),
  },
  {
    id: 'rx',
    group: 'Bytes',
    label: 'Out',
    title: 'Bytes out: from backends to clients',
    server: bytes(({ rx }) => rx),
    backend: bytes(({ rx }) => rx),
  },
  {
    id: 'tx_rate',
    group: 'Bytes',
    label: 'In/s',
    title: 'Bytes in: from clients to backends in the last second',
    server: bytesPerSecond('tx'),
    backend: bytesPerSecond('tx'),
  },
  {
    id: 'rx_rate',
    group: 'Bytes',
    label: 'Out/s',
    title: 'Bytes out: from backends to clients in the last second',
    server: bytesPerSecond('rx'),
    backend: bytesPerSecond('rx'),
  },
  {
    id: 'errors',
    group: 'Errors',
    label: 'Failed',
    title: 'Clients without a backend, and failed connects; of a backend: failed connects to it',
    server: errors(
      ({ no_backend: noBackend, no_resources: noResources, refused }) => noBackend + noResources + refused,
    ),
    backend: errors(({ refused }) => refused),
  },
  {
    id: 'retried',
    group: 'Errors',
    label: 'Retried',
    title: 'Clients sent to another backend after a failed connect',
    server: count(({ retried }) => retried),
    backend: count(({ retried }) => retried),
  },
  {
    id: 'denied',
    group: 'Errors',
    label: 'Denied',
    title: 'Clients denied by the access rules or the limits for each client',
    server: count(
      ({ denied, over_client_limit: overLimit, over_client_rate: overRate }) => denied + overLimit + overRate,
    ),
    backend: none,
  },
  {
    id: 'weight',
    group: '',
    label: 'Weight',
    title: 'Weight of a backend',
    server: none,
    backend: ({ weight, weight_override: isOverride, priority }) => ({
      text: `${weight}${isOverride ? '*' : ''}`,
      value: weight,
      title: `priority ${priority}${isOverride ? ', weight overridden' : ''}`,
    }),
  },
  {
    id: 'changed',
    group: '',
    label: 'Changed',
    title: 'Time since a backend began or stopped getting clients; of a server: since it was opened',
    server: since(({ since: opened }) => opened),
    backend: since(({ changed_at: changedAt }) => changedAt),
  },
];

/** Neighbouring columns of one group, for the upper line of the table's head. */
export const COLUMN_GROUPS: readonly { readonly name: string; readonly span: number }[] = COLUMNS.reduce<
  { name: string; span: number }[]
>((groups, { group }) => {
  const last = groups.at(-1);
  if (last?.name === group) last.span += 1;
  else groups.push({ name: group, span: 1 });
  return groups;
}, []);
