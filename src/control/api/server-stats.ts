import type { BackendStatus } from '../../core/backend-status.ts';
import type { ServerStatus } from '../../core/server-status.ts';
import type { BackendStats, Rates, ServerStats } from '../../core/stats.ts';
import type { GoStruct } from '../../web/go-json.ts';

/** What is known of one server now, and what was a second ago at most, for the rates; absent of a younger server. */
export interface Measured {
  readonly server: ServerStatus;
  /** In a fixed order, which gobetween's have not. */
  readonly backends: readonly BackendStatus[];
  readonly last: ServerStats | undefined;
}

/** `GET /servers/:name/stats`: names and order of keys are gobetween's. `rx` is from the backends, `tx` to them. */
export function serverStats({ server, backends, last }: Measured): GoStruct {
  const { totals } = server;
  const rates = last?.rates;
  const known = new Map(last?.backends.map((backend) => [backend.key, backend]));
  return {
    active_connections: totals.active,
    rx_total: totals.rx,
    tx_total: totals.tx,
    ...perSecond(rates),
    backends: backends.map((backend) => backendStats(backend, known.get(backend.key))),
  };
}

function backendStats(backend: BackendStatus, last: BackendStats | undefined): GoStruct {
  const { host, port, priority, weight, maxConnections, sni, totals } = backend;
  const rates = last?.rates;
  return {
    host,
    port,
    priority,
    weight,
    ...(maxConnections > 0 && { max_connections: maxConnections }),
    ...(sni !== undefined && { sni: sni.join(',') }),
    stats: {
      live: isLive(backend),
      discovered: backend.obstacle !== 'removed',
      total_connections: totals.total,
      active_connections: backend.active,
      refused_connections: totals.refused,
      rx: totals.rx,
      tx: totals.tx,
      ...perSecond(rates),
    },
  };
}

/** Whole numbers, which clients of gobetween's read into integers. */
function perSecond({ rx, tx }: Pick<Rates, 'rx' | 'tx'> = { rx: 0, tx: 0 }): GoStruct {
  return { rx_second: Math.round(rx), tx_second: Math.round(tx) };
}

/** As far as its health goes: checks, failed clients and a name that has no address speak against it. */
function isLive({ health, obstacle }: BackendStatus): boolean {
  return (health?.isLive ?? true) && obstacle !== 'ejected' && obstacle !== 'unresolved';
}
