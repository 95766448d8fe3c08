import type { Cause } from '../../core/cause.ts';
import type { BackendStats, ServerStats, StatsSnapshot } from '../../core/stats.ts';
import type { Histogram } from '../../core/totals.ts';
import { type CheckKind, checkStatus } from './check-status.ts';
import { type CsvRow, csvText } from './csv-columns.ts';
import type { Words } from './words.ts';

/** On every line: there is one process, and it balances TCP. */
const EVERY_LINE = { pid: 1, mode: 'tcp' } as const;
/** What HAProxy, too, does not have of TCP: requests, compression, connections that are kept for reuse. */
const NO_COMPRESSION = { comp_in: 0, comp_out: 0, comp_byp: 0, comp_rsp: 0 } as const;
const NO_REQUESTS = { req_rate: 0, req_rate_max: 0, req_tot: 0 } as const;
const NO_REUSE = { reuse: 0, wrew: 0, rtime: 0, rtime_max: 0 } as const;
const TYPES = { frontend: 0, backend: 1, server: 2 } as const;

/** As HAProxy counts them: a side that resets, vanishes, or is silent for too long. */
const CLIENT_ABORTS = ['CD', 'CL', 'CC', 'CQ', 'cD', 'cL', 'cF', 'cU'] as const;
const BACKEND_ABORTS = ['SD', 'SL', 'sD', 'sL', 'sF', 'sU'] as const;

export interface CsvFacts {
  /** Descriptors that the process may open. */
  readonly openFilesLimit?: number | undefined;
  /** The kind of a server's health check. */
  readonly checkKind: (server: string) => CheckKind;
  /** The most clients of a server that waited in the last hour, looked at once a second. */
  readonly mostWaiting?: (server: string) => number;
  /** Which lines; absent: all. */
  readonly words?: Pick<Words, 'hidesDown' | 'hidesMaintenance' | 'scope'>;
}

/**
 * HAProxy's statistics, for tools that read them: a server of ours is a frontend and a backend of its, a backend of ours
 * a server. What each column means is in HAProxy's management guide, "9.1. CSV format"; what is not measured is empty.
 */
export function haproxyCsv({ at, servers }: StatsSnapshot, facts: CsvFacts): string {
  const { openFilesLimit, checkKind, mostWaiting, words } = facts;
  return csvText(
    servers.flatMap((server, index) => {
      if (!server.name.includes(words?.scope ?? '')) return [];
      const name = { pxname: server.name, iid: index + 1, ...EVERY_LINE };
      const kind = checkKind(server.name);
      const backups = backupsOf(server);
      return [
        { ...name, svname: 'FRONTEND', sid: 0, type: TYPES.frontend, ...frontendLine(server, openFilesLimit) },
        ...server.backends.flatMap((backend, position) => {
          const line = serverLine(backend, { at, isBackup: backups.has(backend), kind });
          if (isHidden(line.status, words)) return [];
          return [{ ...name, svname: backend.key, sid: position + 1, type: TYPES.server, ...line }];
        }),
        {
          ...name,
          svname: 'BACKEND',
          sid: 0,
          type: TYPES.backend,
          ...backendLine(server, { at, backups, mostWaiting: mostWaiting?.(server.name) ?? 0 }),
        },
      ];
    }),
  );
}

/** @param status HAProxy's word */
function isHidden(status: string, words: CsvFacts['words']): boolean {
  if (status.startsWith('MAINT')) return words?.hidesDown === true || words?.hidesMaintenance === true;
  return status === 'DOWN' && words?.hidesDown === true;
}

/** Without a limit of its own a server has that of the process, of whose descriptors a session takes two. */
function frontendLine({ totals, rates, maxConnections }: ServerStats, openFilesLimit: number | undefined): CsvRow {
  const { accepted, denied, overClientLimit, overClientRate, noResources } = totals;
  const refused = denied + overClientLimit + overClientRate;
  const limit = maxConnections > 0 ? maxConnections : openFilesLimit && Math.floor(openFilesLimit / 2);
  const [rate, mostRate] = [Math.round(rates.connections), Math.round(rates.peakConnections)];
  return {
    status: 'OPEN',
    ...{ scur: totals.active, smax: totals.peak, ...(limit !== undefined && { slim: limit }) },
    ...{ stot: accepted - refused, bin: totals.tx, bout: totals.rx },
    ...{
      dreq: 0,
      dresp: 0,
      ereq: 0,
      dcon: refused,
      dses: 0,
      eint: noResources,
      wrew: 0,
      ...NO_REQUESTS,
      ...NO_COMPRESSION,
    },
    ...{ rate, rate_lim: 0, rate_max: mostRate, conn_rate: rate, conn_rate_max: mostRate, conn_tot: accepted },
  };
}

interface Circumstances {
  readonly at: number;
  readonly isBackup: boolean;
  readonly kind: CheckKind;
}

function serverLine(
  backend: BackendStats,
  { at, isBackup, kind }: Circumstances,
): CsvRow & { readonly status: string } {
  const { totals, rates, health, weight, maxConnections, warmupFactor } = backend;
  return {
    status: serverWord(backend),
    ...{
      qcur: 0,
      qmax: 0,
      scur: totals.active,
      smax: totals.peak,
      ...(maxConnections > 0 && { slim: maxConnections }),
    },
    ...{ stot: totals.total, lbtot: totals.total, connect: totals.total, bin: totals.tx, bout: totals.rx },
    ...{ dresp: 0, econ: totals.refused, wretr: 0, wredis: totals.retried, ...NO_REUSE },
    ...{ weight, uweight: weight, act: isBackup ? 0 : 1, bck: isBackup ? 1 : 0 },
    ...(warmupFactor < 1 && { throttle: Math.round(warmupFactor * 100) }),
    ...{ lastchg: secondsBetween(backend.changedAt, at), chkdown: backend.downs },
    ...{ rate: Math.round(rates.connections), rate_max: Math.round(rates.peakConnections) },
    ...(health !== undefined && {
      check_status: checkStatus(kind, health),
      check_duration: Math.round(health.durationMs),
      last_chk: health.reason,
    }),
  };
}

interface BackendFacts {
  readonly at: number;
  readonly backups: ReadonlySet<BackendStats>;
  readonly mostWaiting: number;
}

function backendLine({ totals, rates, backends }: ServerStats, { at, backups, mostWaiting }: BackendFacts): CsvRow {
  const serving = backends.filter(({ obstacle }) => obstacle === undefined);
  const spare = serving.filter((backend) => backups.has(backend)).length;
  const { causes, histograms } = totals;
  const of = (...codes: readonly Cause[]) => codes.reduce((sum, code) => sum + causes[code], 0);
  const { connected } = totals;
  const isLimited = backends.length > 0 && backends.every(({ maxConnections }) => maxConnections > 0);
  return {
    status: serving.length > 0 ? 'UP' : 'DOWN',
    ...{ qcur: totals.waiting, qmax: Math.max(mostWaiting, totals.waiting), ...NO_COMPRESSION, ...NO_REUSE },
    ...(backends.length > 0 && { lastchg: secondsBetween(statusChangedAt(backends), at) }),
    ...{ scur: sumOf(backends, (backend) => backend.totals.active), smax: totals.peak },
    ...(isLimited && { slim: sumOf(backends, ({ maxConnections }) => maxConnections) }),
    ...{ stot: connected, lbtot: connected, connect: connected, bin: totals.tx, bout: totals.rx, dreq: 0, dresp: 0 },
    ...{ econ: totals.refused + totals.noBackend, eresp: of('SD', 'SL') },
    ...{ cli_abrt: of(...CLIENT_ABORTS), srv_abrt: of(...BACKEND_ABORTS), wretr: 0, wredis: totals.retried },
    ...{ weight: sumOf(serving, ({ weight }) => weight), uweight: sumOf(serving, ({ weight }) => weight) },
    ...{ act: serving.length - spare, bck: spare },
    ...{ rate: Math.round(rates.connections), rate_max: Math.round(rates.peakConnections) },
    ...{ qtime: meanMs(histograms.queue), ctime: meanMs(histograms.connect) },
    ttime: meanMs(histograms.duration),
  };
}

/** When the one that has served longest began to, or the last one that did ceased to. */
function statusChangedAt(backends: readonly BackendStats[]): number {
  const serving = backends.filter(({ obstacle }) => obstacle === undefined);
  if (serving.length === 0) return Math.max(...backends.map(({ changedAt }) => changedAt));
  return Math.min(...serving.map(({ changedAt }) => changedAt));
}

/** HAProxy's word. One that failed its clients is what `on-error mark-down` makes of it there. */
function serverWord({ obstacle, health }: BackendStats): string {
  switch (obstacle) {
    case undefined:
      return health === undefined ? 'no check' : 'UP';
    case 'down':
    case 'ejected':
      return 'DOWN';
    case 'draining':
    case 'removed':
      return 'DRAIN';
    case 'disabled':
      return 'MAINT';
    case 'unresolved':
      return 'MAINT (resolution)';
    default:
      return obstacle satisfies never;
  }
}

/** Those behind the lowest number of priority. */
function backupsOf({ backends }: ServerStats): ReadonlySet<BackendStats> {
  const first = Math.min(...backends.map(({ priority }) => priority));
  return new Set(backends.filter(({ priority }) => priority > first));
}

function sumOf(backends: readonly BackendStats[], figure: (backend: BackendStats) => number): number {
  return backends.reduce((sum, backend) => sum + figure(backend), 0);
}

/** @param histogram of seconds */
function meanMs({ counts, sum }: Histogram): number {
  const count = counts.reduce((total, each) => total + each, 0);
  return count === 0 ? 0 : Math.round((sum * 1000) / count);
}

function secondsBetween(from: number, to: number): number {
  return Math.max(0, Math.floor((to - from) / 1000));
}
