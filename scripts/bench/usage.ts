import { readdirSync, readFileSync } from 'node:fs';

/** A process and all that it has started, as nginx its workers. */
export function processTree(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(processTree)];
}

const NS_PER_SECOND = 1_000_000_000;

/**
 * Processor time of a thread: what utime and stime of /proc/PID/stat are made of, in nanoseconds where those are in
 * hundredths of a second, too coarse for a short run. @param schedstat /proc/PID/task/TID/schedstat
 */
export function parseThreadSeconds(schedstat: string): number {
  return Number(schedstat.split(' ', 1)[0]) / NS_PER_SECOND;
}

/** Over all threads that live. */
export function cpuSeconds(pids: readonly number[]): number {
  return sum(pids, (pid) =>
    sum(readdirSync(`/proc/${pid}/task`), (thread) =>
      parseThreadSeconds(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1')),
    ),
  );
}

export interface Memory {
  readonly rssKib: number;
  /** Written by this process and shared with nobody: what one more of it costs. */
  readonly privateKib: number;
}

/** @param rollup /proc/PID/smaps_rollup */
export function parseMemory(rollup: string): Memory {
  const kib = (label: string): number => Number(new RegExp(`^${label}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0);
  return { rssKib: kib('Rss'), privateKib: kib('Private_Dirty') };
}

export function memory(pids: readonly number[]): Memory {
  const parts = pids.map((pid) => parseMemory(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')));
  return { rssKib: sum(parts, ({ rssKib }) => rssKib), privateKib: sum(parts, ({ privateKib }) => privateKib) };
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
