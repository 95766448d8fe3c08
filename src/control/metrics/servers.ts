import { BACKEND_WORDS, backendWord } from '../../core/backend-status.ts';
import { CAUSE_CODES } from '../../core/cause.ts';
import { DATAGRAM_DROPS } from '../../core/datagrams.ts';
import { HELLO_OUTCOMES } from '../../core/server-names.ts';
import type { ServerStats } from '../../core/stats.ts';
import type { ServerTotals } from '../../core/totals.ts';
import { type Family, ofServers, type Sample } from './family.ts';
import type { Labels } from './metrics-source.ts';

const DENIED = {
  access: 'denied',
  client_limit: 'overClientLimit',
  client_rate: 'overClientRate',
} as const satisfies Record<string, keyof ServerTotals>;

/** What is known of a server as a whole. */
export const SERVERS: readonly Family[] = [
  each('info', 'gauge', 'Always 1: how the server is set up.', ({ protocol, balance, engine }) => [
    { value: 1, labels: { protocol, balance, engine } },
  ]),
  counter('connections_total', 'Connections that were accepted.', ({ accepted }) => accepted),
  each(
    'denied_total',
    'counter',
    'Clients that were denied: by the access rules or without a PROXY header, beyond max_connections_per_client' +
      ' (client_limit), or beyond connection_rate_per_client (client_rate).',
    ({ totals }) =>
      Object.entries(DENIED).map(([reason, key]) => ({ value: totals[key], labels: labels('reason', reason) })),
  ),
  counter('no_backend_total', 'Clients that got no backend.', ({ noBackend }) => noBackend),
  counter(
    'no_resources_total',
    'Clients that were closed for lack of a descriptor, a port or memory.',
    ({ noResources }) => noResources,
  ),
  counter('queued_total', 'Connections that had to wait for a backend.', ({ queued }) => queued),
  counter('retries_total', 'Dials of another backend after one had failed.', ({ retried }) => retried),
  counter('rx_bytes_total', 'Bytes from the backends.', ({ rx }) => rx),
  counter('tx_bytes_total', 'Bytes to the backends.', ({ tx }) => tx),
  counter('rx_datagrams_total', 'Datagrams from the backends, of UDP.', ({ rxDatagrams }) => rxDatagrams),
  counter('tx_datagrams_total', 'Datagrams to the backends, of UDP.', ({ txDatagrams }) => txDatagrams),
  each('dropped_datagrams_total', 'counter', 'Datagrams of clients and backends that went no further.', ({ totals }) =>
    DATAGRAM_DROPS.map((why) => ({ value: totals.drops[why], labels: labels('reason', why) })),
  ),
  each('hellos_total', 'counter', 'Clients whose TLS hello was read for its name, by how it came out.', ({ totals }) =>
    HELLO_OUTCOMES.every((outcome) => totals.hellos[outcome] === 0)
      ? []
      : HELLO_OUTCOMES.map((outcome) => ({ value: totals.hellos[outcome], labels: labels('outcome', outcome) })),
  ),
  each('ended_total', 'counter', "Connections that ended, by HAProxy's two letters for how.", ({ totals }) =>
    CAUSE_CODES.map((cause) => ({ value: totals.causes[cause], labels: labels('cause', cause) })),
  ),
  gauge('active_connections', 'Connections that hold a place now.', ({ totals }) => totals.active),
  gauge('peak_connections', 'The most connections that held a place at a time.', ({ totals }) => totals.peak),
  gauge('waiting_connections', 'Connections that wait for a backend now.', ({ totals }) => totals.waiting),
  gauge('max_connections', 'The limit; 0 is none.', ({ maxConnections }) => maxConnections),
  gauge('queue_size', 'Connections that may wait; 0 is no limit.', ({ queueSize }) => queueSize),
  each('backends', 'gauge', 'Backends, by status.', ({ backends }) => {
    const counts = new Map<string, number>();
    for (const backend of backends) {
      const word = backendWord(backend);
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    return BACKEND_WORDS.map((status) => ({ value: counts.get(status) ?? 0, labels: labels('status', status) }));
  }),
];

function counter(name: string, help: string, value: (totals: ServerTotals) => number): Family {
  return ofServers({ name: `tslb_server_${name}`, type: 'counter', help }, ({ totals }) => value(totals));
}

function gauge(name: string, help: string, value: (server: ServerStats) => number): Family {
  return ofServers({ name: `tslb_server_${name}`, type: 'gauge', help }, value);
}

/** Several samples for each server, told apart by labels of their own. */
function each(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: (server: ServerStats) => readonly Sample[],
): Family {
  return {
    name: `tslb_server_${name}`,
    type,
    help,
    samples: ({ servers }) =>
      servers.flatMap(({ of, sharedLabels }) => samples(of).map((sample) => ({ ...sample, sharedLabels }))),
  };
}

function labels(name: string, value: string): Labels {
  return { [name]: value };
}
