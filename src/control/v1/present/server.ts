import { CAUSE_CODES } from '../../../core/cause.ts';
import { DATAGRAM_DROPS } from '../../../core/datagrams.ts';
import { HELLO_OUTCOMES } from '../../../core/server-names.ts';
import type { History, ServerStats } from '../../../core/stats.ts';
import { HISTOGRAM_BOUNDS, type HistogramName, type ServerTotals } from '../../../core/totals.ts';
import type { HistoryJson, ServerJson, ServerSummaryJson } from '../../../wire/v1/server.ts';
import { backendJson, ratesJson } from './backend.ts';
import { momentText } from './moment.ts';
import { rounded } from './rounded.ts';

export function serverJson(server: ServerStats): ServerJson {
  return { ...serverSummaryJson(server), backends: server.backends.map(backendJson) };
}

export function serverSummaryJson(server: ServerStats): ServerSummaryJson {
  const { name, protocol, balance, engine, binds, addresses, totals } = server;
  return {
    name,
    protocol,
    balance,
    engine,
    binds: [...binds],
    addresses: [...addresses],
    max_connections: server.maxConnections,
    queue_size: server.queueSize,
    since: momentText(server.since),
    ...countsJson(totals),
    drops: dropsJson(totals),
    hellos: hellosJson(totals),
    causes: causesJson(totals),
    rates: ratesJson(server.rates),
    histograms: histogramsJson(totals),
  };
}

function countsJson(totals: ServerTotals) {
  return {
    active: totals.active,
    waiting: totals.waiting,
    peak: totals.peak,
    accepted: totals.accepted,
    denied: totals.denied,
    over_client_limit: totals.overClientLimit,
    over_client_rate: totals.overClientRate,
    no_backend: totals.noBackend,
    no_resources: totals.noResources,
    queued: totals.queued,
    connected: totals.connected,
    refused: totals.refused,
    retried: totals.retried,
    rx: totals.rx,
    tx: totals.tx,
    rx_datagrams: totals.rxDatagrams,
    tx_datagrams: totals.txDatagrams,
  };
}

function dropsJson({ drops }: ServerTotals): ServerJson['drops'] {
  return Object.fromEntries(DATAGRAM_DROPS.filter((why) => drops[why] > 0).map((why) => [why, drops[why]]));
}

function hellosJson({ hellos }: ServerTotals): ServerJson['hellos'] {
  return Object.fromEntries(HELLO_OUTCOMES.filter((each) => hellos[each] > 0).map((each) => [each, hellos[each]]));
}

function causesJson({ causes }: ServerTotals): ServerJson['causes'] {
  return Object.fromEntries(CAUSE_CODES.filter((cause) => causes[cause] > 0).map((cause) => [cause, causes[cause]]));
}

function histogramsJson({ histograms }: ServerTotals): ServerJson['histograms'] {
  const of = (name: HistogramName) => ({
    bounds: [...HISTOGRAM_BOUNDS[name]],
    counts: [...histograms[name].counts],
    sum: histograms[name].sum,
  });
  return { connect: of('connect'), queue: of('queue'), duration: of('duration'), bytes: of('bytes') };
}

export function historyJson({ stepMs, at, active, waiting, connections, rx, tx, errors }: History): HistoryJson {
  return {
    step_ms: stepMs,
    at: momentText(at),
    active: [...active],
    waiting: [...waiting],
    connections: connections.map(rounded),
    rx: rx.map(rounded),
    tx: tx.map(rounded),
    errors: errors.map(rounded),
  };
}
