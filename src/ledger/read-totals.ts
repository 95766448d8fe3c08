import { CAUSE_CODES, type Cause } from '../core/cause.ts';
import { DATAGRAM_DROPS, type DatagramDrop } from '../core/datagrams.ts';
import { HELLO_OUTCOMES, type HelloOutcome } from '../core/server-names.ts';
import type { BackendTotals, Histogram, HistogramName, ServerTotals } from '../core/totals.ts';
import type { Counters } from './counters.ts';
import { HISTOGRAM_NAMES, readHistogram } from './histogram-columns.ts';
import {
  BACKEND_COLUMN,
  CAUSE_COLUMN,
  DROP_COUNTER,
  FIRST_HISTOGRAM,
  HELLO_COUNTER,
  SERVER_COLUMN,
  rowOf,
  type BackendCounter,
  type ServerCounter,
} from './layout.ts';

/** Connections that are open, and the most that were since the last reset. */
interface Open {
  readonly active: number;
  readonly peak: number;
}

/** What a server has counted by its backends. */
const BY_BACKENDS = [
  'total',
  'refused',
  'rx',
  'tx',
  'rxDatagrams',
  'txDatagrams',
] as const satisfies readonly BackendCounter[];

export type ByBackends = Readonly<Record<(typeof BY_BACKENDS)[number], number>>;

export const NOTHING: ByBackends = byBackends(() => 0);

export function byBackends(amount: (what: keyof ByBackends) => number): ByBackends {
  return Object.fromEntries(BY_BACKENDS.map((what) => [what, amount(what)])) as ByBackends;
}

export function sumOf(one: ByBackends, other: ByBackends): ByBackends {
  return byBackends((what) => one[what] + other[what]);
}

/** @param slots how many rows there are to sum */
export function sumOfRows(counters: Counters, slots: number): ByBackends {
  const sums: Record<keyof ByBackends, number> = { ...NOTHING };
  for (let slot = 0; slot < slots; slot++) {
    for (const what of BY_BACKENDS) sums[what] += counters.sum(rowOf(slot) + BACKEND_COLUMN[what]);
  }
  return sums;
}

export function readServerTotals(counters: Counters, { active, peak }: Open, backends: ByBackends): ServerTotals {
  const sum = (what: ServerCounter) => counters.sum(SERVER_COLUMN[what]);
  return {
    active,
    waiting: sum('waiting'),
    peak,
    accepted: sum('accepted'),
    denied: sum('denied'),
    overClientLimit: sum('overClientLimit'),
    overClientRate: sum('overClientRate'),
    noBackend: sum('noBackend'),
    noResources: sum('noResources'),
    queued: sum('queued'),
    connected: backends.total,
    refused: backends.refused,
    retried: sum('retried'),
    rx: backends.rx,
    tx: backends.tx,
    rxDatagrams: backends.rxDatagrams,
    txDatagrams: backends.txDatagrams,
    drops: drops(counters),
    hellos: hellos(counters),
    causes: causes(counters),
    histograms: histograms(counters),
  };
}

export function readBackendTotals(counters: Counters, slot: number, { active, peak }: Open): BackendTotals {
  const row = rowOf(slot);
  const sum = (what: BackendCounter) => counters.sum(row + BACKEND_COLUMN[what]);
  return {
    active,
    peak,
    total: sum('total'),
    refused: sum('refused'),
    retried: sum('retried'),
    rx: sum('rx'),
    tx: sum('tx'),
    rxDatagrams: sum('rxDatagrams'),
    txDatagrams: sum('txDatagrams'),
  };
}

function drops(counters: Counters): Readonly<Record<DatagramDrop, number>> {
  const counts = DATAGRAM_DROPS.map((why) => [why, counters.sum(SERVER_COLUMN[DROP_COUNTER[why]])]);
  return Object.fromEntries(counts) as Record<DatagramDrop, number>;
}

function hellos(counters: Counters): Readonly<Record<HelloOutcome, number>> {
  const counts = HELLO_OUTCOMES.map((outcome) => [outcome, counters.sum(SERVER_COLUMN[HELLO_COUNTER[outcome]])]);
  return Object.fromEntries(counts) as Record<HelloOutcome, number>;
}

function causes(counters: Counters): Readonly<Record<Cause, number>> {
  const counts = CAUSE_CODES.map((cause) => [cause, counters.sum(CAUSE_COLUMN[cause])]);
  return Object.fromEntries(counts) as Record<Cause, number>;
}

function histograms(counters: Counters): Readonly<Record<HistogramName, Histogram>> {
  const columnAt = (column: number) => counters.sum(FIRST_HISTOGRAM + column);
  const all = HISTOGRAM_NAMES.map((name) => [name, readHistogram(name, columnAt)]);
  return Object.fromEntries(all) as Record<HistogramName, Histogram>;
}
