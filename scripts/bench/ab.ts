import { readFileSync } from 'node:fs';

import { runTool } from './tools.ts';

/** What `ab` found out. */
export interface AbReport {
  readonly complete: number;
  readonly failed: number;
  readonly non2xx: number;
  readonly keepAlive: number;
  readonly perSecond: number;
  readonly transferKbPerSecond: number;
  /** Of bodies, without their headers. */
  readonly bodyBytes: number;
  /** `50%` to `100%`, in milliseconds. */
  readonly percentiles: ReadonlyMap<string, number>;
}

export async function ab(args: readonly string[]): Promise<AbReport> {
  return parseAb(await runTool('ab', ['-q', ...args]));
}

export function parseAb(output: string): AbReport {
  const number = (label: string): number => Number(new RegExp(`^${label}:\\s+([\\d.]+)`, 'm').exec(output)?.[1] ?? 0);
  const percentiles = [...output.matchAll(/^\s+(\d+%)\s+(\d+)/gm)].map(
    ([, share = '', ms]) => [share, Number(ms)] as const,
  );
  return {
    complete: number('Complete requests'),
    failed: number('Failed requests'),
    non2xx: number('Non-2xx responses'),
    keepAlive: number('Keep-Alive requests'),
    perSecond: number('Requests per second'),
    transferKbPerSecond: number('Transfer rate'),
    bodyBytes: number('HTML transferred'),
    percentiles: new Map(percentiles),
  };
}

/** The file that `ab -e` writes: its percentiles with their microseconds, which its report rounds to milliseconds. */
export function parseAbPercentiles(csv: string): ReadonlyMap<string, number> {
  const rows = [...csv.matchAll(/^(\d+),([\d.]+)$/gm)];
  return new Map(rows.map(([, share = '', ms]) => [`${share}%`, Number(ms)]));
}

export interface AbLoad {
  readonly url: string;
  readonly requests: number;
  readonly clients: number;
  readonly keepsAlive: boolean;
}

/**
 * A run in which nothing may go wrong, with percentiles to the microsecond.
 * @param csv a file for ab to write @throws Error when a request failed
 */
export async function cleanAb(load: AbLoad, csv: string, signal: AbortSignal): Promise<AbReport> {
  const { url, requests, clients, keepsAlive } = load;
  const args = ['-n', String(requests), '-c', String(clients), '-e', csv, url];
  const report = parseAb(await runTool('ab', ['-q', ...(keepsAlive ? ['-k'] : []), ...args], signal));
  const { complete, failed, non2xx, keepAlive } = report;
  const isClean = complete === requests && failed === 0 && non2xx === 0 && keepAlive === (keepsAlive ? requests : 0);
  if (isClean) return { ...report, percentiles: parseAbPercentiles(readFileSync(csv, 'latin1')) };
  throw new Error(
    `of ${requests} requests ${complete} were complete, ${failed} failed, ${non2xx} had another status than 2xx,` +
      ` and ${keepAlive} were kept alive`,
  );
}
