import type { AbReport } from '../../../scripts/bench/ab.ts';

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
