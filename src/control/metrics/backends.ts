import { backendWord } from '../../core/backend-status.ts';
import type { BackendStats } from '../../core/stats.ts';
import type { BackendTotals } from '../../core/totals.ts';
import { type Family, ofBackends } from './family.ts';

/** What is known of each backend. */
export const BACKENDS: readonly Family[] = [
  counter('connections_total', 'Connections that were opened.', ({ total }) => total),
  counter('failed_dials_total', 'Dials that failed.', ({ refused }) => refused),
  counter(
    'retries_total',
    'Clients that were sent to another backend after a failed connect.',
    ({ retried }) => retried,
  ),
  counter('rx_bytes_total', 'Bytes from the backend.', ({ rx }) => rx),
  counter('tx_bytes_total', 'Bytes to the backend.', ({ tx }) => tx),
  counter('rx_datagrams_total', 'Datagrams from the backend, of UDP.', ({ rxDatagrams }) => rxDatagrams),
  counter('tx_datagrams_total', 'Datagrams to the backend, of UDP.', ({ txDatagrams }) => txDatagrams),
  gauge('active_connections', 'Connections and dials that hold a place now.', ({ active }) => active),
  gauge('peak_connections', 'The most places that were held at a time.', ({ totals }) => totals.peak),
  gauge('up', 'Whether it gets clients.', ({ obstacle }) => (obstacle === undefined ? 1 : 0)),
  {
    name: 'tslb_backend_status',
    type: 'gauge',
    help: 'Always 1: the status, in one word.',
    samples: ({ backends }) =>
      backends.map(({ of, sharedLabels }) => ({ value: 1, labels: { status: backendWord(of) }, sharedLabels })),
  },
  gauge('weight', 'In force.', ({ weight }) => weight),
  gauge(
    'warmup_factor',
    'How much of weight and limit is in force: below 1 while it starts slowly.',
    ({ warmupFactor }) => warmupFactor,
  ),
  gauge('max_connections', 'The limit; 0 is none.', ({ maxConnections }) => maxConnections),
  ofBackends(
    { name: 'tslb_backend_downs_total', type: 'counter', help: 'How often it went down or was ejected.' },
    ({ downs }) => downs,
  ),
  gauge(
    'changed_timestamp_seconds',
    'When it last began or stopped getting clients.',
    ({ changedAt }) => changedAt / 1000,
  ),
  gauge('check_duration_seconds', 'The last health check. Absent while there is none.', ({ health }) =>
    health?.checkedAt === undefined ? undefined : health.durationMs / 1000,
  ),
];

function counter(name: string, help: string, value: (totals: BackendTotals) => number): Family {
  return ofBackends({ name: `tslb_backend_${name}`, type: 'counter', help }, ({ totals }) => value(totals));
}

function gauge(name: string, help: string, value: (backend: BackendStats) => number | undefined): Family {
  return ofBackends({ name: `tslb_backend_${name}`, type: 'gauge', help }, value);
}
