import { check, listed, same, type CheckResult } from './checks.ts';
import type { DatagramSoakResult } from './datagram-soak.ts';

/** Of requests that were sent again and again, while at least two of four backends lived. */
const MOST_UNANSWERED = 0.01;
const MOST_SHOWN = 20;

/** Everything that a run with datagrams has to show. */
export function datagramChecksOf(result: DatagramSoakResult): readonly CheckResult[] {
  const { before, after, sums, faults, errors, kills, reloads } = result;
  const { totals } = after;
  const causes = Object.values(totals.causes).reduce((sum, count) => sum + count, 0);
  const gauges = [totals.active, after.waiting, after.clientsConnected, ...after.backendsActive];
  const events = Object.entries({ kills, reloads, resent: sums.resent }).filter(([, count]) => count === 0);
  return [
    check('no client of UDP got what it did not ask for', faults.length === 0, () =>
      [`${faults.length} faults`, ...faults.slice(0, MOST_SHOWN)].join('\n'),
    ),
    check(
      'next to all were answered',
      sums.unanswered <= sums.requests * MOST_UNANSWERED,
      () => `${sums.unanswered} of ${sums.requests} were not`,
    ),
    check(
      'all gauges of sessions are 0',
      gauges.every((value) => value === 0),
      () => gauges.join(' '),
    ),
    same('each session has a cause', causes, totals.accepted + totals.noResources),
    check(
      'no answer was counted that did not come',
      totals.rxDatagrams >= sums.answers,
      () => `${sums.answers} answers came, ${totals.rxDatagrams} were counted`,
    ),
    check(
      'the descriptors of sessions are back',
      after.descriptors <= before.descriptors,
      () => `${after.descriptors} after ${before.descriptors}`,
    ),
    same('no thread stumbled over a datagram', errors, []),
    same(
      'there was all that was to be survived',
      events.map(([name]) => name),
      [],
    ),
  ];
}

/** For a person who looks at it. */
export function datagramSummaryOf({ clients, sums, kills, reloads, after, before }: DatagramSoakResult): string {
  const { totals } = after;
  return [
    `  ${clients} clients of UDP: ${listed({ ...sums })}`,
    `  ${kills} backends killed, ${reloads} reloads, ${totals.refused} refused, ${totals.retried} retries`,
    `  dropped: ${listed({ ...totals.drops })}`,
    `  descriptors before and at the end: ${before.descriptors}, ${after.descriptors}`,
  ].join('\n');
}
