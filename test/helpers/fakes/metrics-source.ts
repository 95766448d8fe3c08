import { type MetricsSource, metricsSourceOf } from '../../../src/control/metrics/metrics-source.ts';
import type { BackendStatus } from '../../../src/core/backend-status.ts';
import type { About, HostStatus } from '../../../src/core/process-status.ts';
import { SHORTAGES } from '../../../src/core/shortage.ts';
import type { BackendStats, ServerStats, StatsSnapshot } from '../../../src/core/stats.ts';
import { backendStatus, serverStatus } from './statuses.ts';

export const NO_RATES = { connections: 0, peakConnections: 0, rx: 0, tx: 0 } as const;

export const ABOUT: About = {
  version: '1.2.3',
  pid: 1,
  startedAt: 1_700_000_000_000,
  engine: 'net',
  openFilesLimit: 1024,
};

export function serverStats(
  name: string,
  backends: readonly BackendStats[],
  changed: Partial<ServerStats> = {},
): ServerStats {
  return { ...serverStatus(name), rates: NO_RATES, backends, ...changed };
}

export function backendStats(key: string, changed: Partial<BackendStatus> = {}): BackendStats {
  return { ...backendStatus(key), rates: NO_RATES, ...changed };
}

export function snapshotOf(servers: readonly ServerStats[], threads: StatsSnapshot['threads'] = []): StatsSnapshot {
  const process = { uptimeMs: 5_000, rssBytes: 1_000_000, cpu: 0.5, loopDelayMs: 12, openFiles: 40 };
  return { at: 0, process, threads, servers };
}

/** That lacks nothing. */
export const HOST: HostStatus = {
  shortages: new Map(SHORTAGES.map((shortage) => [shortage, 0])),
  localPortsUsedRatio: 0,
};

/** With something of everything. */
export function sampleSource(): MetricsSource {
  const health = { isLive: true, state: 'up', reason: 'passed', consecutive: 3, durationMs: 2, checkedAt: 1 } as const;
  const { totals } = serverStatus('web');
  const hellos = { ...totals.hellos, named: 1 };
  const servers = [serverStats('web', [backendStats('10.0.0.1:80', { health })], { totals: { ...totals, hellos } })];
  const threads = [{ number: 1, engine: 'net', connections: 0, accepted: 0 }] as const;
  const reloads = { count: 0, at: ABOUT.startedAt, failed: 0, hasFailed: false };
  const names = { remembered: 1, found: 3, absent: 0, failed: 0, tookMs: 12, silentServers: 0 };
  return metricsSourceOf({ about: ABOUT, reloads, host: HOST, names }, snapshotOf(servers, threads));
}
