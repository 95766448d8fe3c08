import { runTool } from './tools.ts';

/** What `ab` found out. */
export interface AbReport {
  readonly complete: number;
  readonly failed: number;
  readonly non2xx: number;
  readonly keepAlive: number;
  readonly perSecond: number;
  readonly transferKbPerSecond: number;
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
    percentiles: new Map(percentiles),
  };
}

/** A run through the balancer beside the same run straight to a web server, as `ab` tells it. */
export function sideBySide(title: string, through: AbReport, straight: AbReport): string {
  const row = (name: string, one: string | number, other: string | number): string =>
    `  ${name.padEnd(34)}${String(one).padStart(14)}${String(other).padStart(14)}`;
  return [
    '',
    title,
    row('', 'through tslb', 'straight'),
    row('Complete requests', through.complete, straight.complete),
    row('Failed requests', through.failed, straight.failed),
    row('Non-2xx responses', through.non2xx, straight.non2xx),
    row('Keep-Alive requests', through.keepAlive, straight.keepAlive),
    row('Requests per second', through.perSecond, straight.perSecond),
    row('Transfer rate [kB/s]', through.transferKbPerSecond, straight.transferKbPerSecond),
    '  Percentage of the requests served within a certain time (ms)',
    ...[...through.percentiles].map(([share, ms]) => row(`  ${share}`, ms, straight.percentiles.get(share) ?? '')),
    '',
  ].join('\n');
}
