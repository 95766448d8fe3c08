import {
  bytes,
  bytesPerSecond,
  type Cell,
  connectionsPerSecond,
  count,
  errors,
  type Figure,
  limit,
  none,
  since,
} from './cells.ts';
import type { BackendJson, ServerJson } from './wire.ts';

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

/** All figures of the table, from left to right, after the name and the state. */
export const COLUMNS: readonly Column[] = [
  {
    id: 'active',
    group: 'Connections',
    label: 'Open',
    title: 'Connections, or sessions of UDP, that are open now',
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
    id: 'tx_datagrams',
    group: 'Datagrams',
    label: 'In',
    title: 'Datagrams in: from clients to backends, of UDP',
    server: ofUdp(count(({ tx_datagrams: datagrams }) => datagrams)),
    backend: unlessZero(count(({ tx_datagrams: datagrams }) => datagrams)),
  },
  {
    id: 'rx_datagrams',
    group: 'Datagrams',
    label: 'Out',
    title: 'Datagrams out: from backends to clients, of UDP',
    server: ofUdp(count(({ rx_datagrams: datagrams }) => datagrams)),
    backend: unlessZero(count(({ rx_datagrams: datagrams }) => datagrams)),
  },
  {
    id: 'drops',
    group: 'Datagrams',
    label: 'Dropped',
    title: 'Datagrams of clients and backends that went no further, of UDP',
    server: ofUdp(errors(({ drops }) => Object.values(drops).reduce((sum, datagrams) => sum + datagrams, 0))),
    backend: none,
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

const WITHOUT_DATAGRAMS = COLUMNS.filter(({ group }) => group !== 'Datagrams');

/** The columns of these servers: those of datagrams only where one of them is of UDP. */
export function columnsOf(servers: readonly ServerJson[]): readonly Column[] {
  return servers.some(isUdp) ? COLUMNS : WITHOUT_DATAGRAMS;
}

/** Neighbouring columns of one group, for the upper line of the table's head. */
export function groupsOf(columns: readonly Column[]): readonly { readonly name: string; readonly span: number }[] {
  return columns.reduce<{ name: string; span: number }[]>((groups, { group }) => {
    const last = groups.at(-1);
    if (last?.name === group) last.span += 1;
    else groups.push({ name: group, span: 1 });
    return groups;
  }, []);
}

function isUdp({ protocol }: ServerJson): boolean {
  return protocol === 'udp';
}

function ofUdp(figure: Figure<ServerJson>): Figure<ServerJson> {
  return (server, at) => (isUdp(server) ? figure(server, at) : undefined);
}

/** A backend does not tell its protocol; one of TCP has no datagrams. */
function unlessZero(figure: Figure<BackendJson>): Figure<BackendJson> {
  return (backend, at) => {
    const cell = figure(backend, at);
    return cell?.value === 0 ? undefined : cell;
  };
}
