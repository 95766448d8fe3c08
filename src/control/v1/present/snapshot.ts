import type { ThreadStatus } from '../../../core/process-status.ts';
import type { ProcessStats, StatsSnapshot } from '../../../core/stats.ts';
import type { SnapshotJson, ThreadJson } from '../../../wire/v1/process.ts';
import { momentText } from './moment.ts';
import { rounded } from './rounded.ts';
import { serverJson } from './server.ts';

export function snapshotJson({ at, process, threads, servers }: StatsSnapshot): SnapshotJson {
  return {
    at: momentText(at),
    process: processJson(process),
    threads: threads.map(threadJson),
    servers: servers.map(serverJson),
  };
}

export function processJson({ uptimeMs, rssBytes, cpu, loopDelayMs, openFiles }: ProcessStats) {
  return {
    uptime_ms: rounded(uptimeMs),
    rss_bytes: rssBytes,
    cpu: rounded(cpu),
    loop_delay_ms: rounded(loopDelayMs),
    ...(openFiles !== undefined && { open_files: openFiles }),
  };
}

export function threadJson({ number, engine, connections, accepted }: ThreadStatus): ThreadJson {
  return { number, engine, connections, accepted };
}
