import type { BackendStats, ServerStats } from '../../core/stats.ts';
import { type Family, ofBackends, ofServers } from './family.ts';

/** gobetween's own, by its names and labels. All are gauges there, whatever they count. */
export const GOBETWEEN: readonly Family[] = [
  {
    name: 'gobetween_build_info',
    type: 'gauge',
    help: 'Always 1. There is no revision or branch, and goversion tells the version of Node.js.',
    samples: ({ about }) => [
      { value: 1, labels: { version: about.version, revision: '', branch: '', goversion: `node ${process.version}` } },
    ],
  },
  server('count', 'Backends of the server.', ({ backends }) => backends.length),
  server('active_connections', 'Clients that have a place now.', ({ totals }) => totals.active),
  server('rx_total', 'Bytes from the backends.', ({ totals }) => totals.rx),
  server('tx_total', 'Bytes to the backends.', ({ totals }) => totals.tx),
  server('rx_second', 'Bytes from the backends in the last second.', ({ rates }) => rates.rx),
  server('tx_second', 'Bytes to the backends in the last second.', ({ rates }) => rates.tx),
  backend('active_connections', 'Connections and dials that hold a place now.', ({ active }) => active),
  backend('refused_connections', 'Dials that failed.', ({ totals }) => totals.refused),
  backend('total_connections', 'Connections that were opened.', ({ totals }) => totals.total),
  backend('rx_bytes', 'Bytes from the backend.', ({ totals }) => totals.rx),
  backend('tx_bytes', 'Bytes to the backend.', ({ totals }) => totals.tx),
  backend('rx_second', 'Bytes from the backend in the last second.', ({ rates }) => rates.rx),
  backend('tx_second', 'Bytes to the backend in the last second.', ({ rates }) => rates.tx),
  backend('live', 'Whether the health checks say that it is up. Absent while none has said anything.', ({ health }) =>
    health === undefined || health.state === 'unchecked' ? undefined : Number(health.isLive),
  ),
];

function server(name: string, help: string, value: (server: ServerStats) => number): Family {
  return ofServers({ name: `gobetween_server_${name}`, type: 'gauge', help }, value);
}

function backend(name: string, help: string, value: (backend: BackendStats) => number | undefined): Family {
  return ofBackends({ name: `gobetween_backend_${name}`, type: 'gauge', help }, value);
}
