import { inspect } from 'node:util';
import { check, listed, same, type CheckResult } from './checks.ts';
import { FATES, type Fate } from './verdict.ts';
import type { SoakResult } from './soak.ts';

const MIB = 1024 * 1024;

/**
 * How much more than in the first tenth of the run each thread may hold at the end: one of V8's young semi-spaces, which
 * it may grow or fill in between for no other reason than that it has had none to collect.
 */
const RSS_TOLERANCE_BYTES = 16 * MIB;

/** Everything that a run has to show. */
export function checksOf(result: SoakResult): readonly CheckResult[] {
  const { options, journal, before, after, errors, backendFaults } = result;
  const { totals } = after;
  const gauges = {
    server: totals.active,
    waiting: [after.waiting, totals.waiting],
    addresses: after.clientsConnected,
    backends: after.backendsActive,
  };
  const causes = Object.values(totals.causes).reduce((sum, count) => sum + count, 0);
  const level = Math.max(before.rssBytes, ...firstTenth(result.rssBytes));
  const tolerance = RSS_TOLERANCE_BYTES * (options.threads + 1);
  return [
    check('nobody hangs', journal.hangs === 0, () => `${journal.hangs} do`),
    check(
      'every client got its bytes, and the access log says so',
      journal.faultCount === 0,
      () => `${journal.faultCount} did not\n${journal.faults.join('\n')}`,
    ),
    same('every backend got its bytes, and no connection beyond its limit', backendFaults, []),
    check('all gauges are 0', Object.values(gauges).flat().every(isZero), () =>
      [
        `${inspect(gauges)}; clients without a line:`,
        ...journal.unlogged.slice(0, 20).map((plan) => JSON.stringify(plan)),
      ].join('\n'),
    ),
    same(
      'the counters agree with the access log',
      { ended: causes, lines: journal.lines, rx: totals.rx, tx: totals.tx, measured: totals.histograms.bytes.sum },
      {
        ended: totals.accepted + totals.noResources,
        lines: totals.accepted,
        rx: journal.rxBytes,
        tx: journal.txBytes,
        measured: journal.rxBytes + journal.txBytes,
      },
    ),
    check(
      'the descriptors are back',
      after.descriptors <= before.descriptors,
      () => `${after.descriptors} after ${before.descriptors}`,
    ),
    check(
      'the memory is back',
      after.rssBytes <= level + tolerance,
      () => `${mib(after.rssBytes)} MiB at the end, ${mib(level)} MiB in the first tenth`,
    ),
    same('no thread stumbled', errors, []),
    same('there was all that was to be survived', missing(result), []),
  ];
}

/** For a person who looks at it. */
export function summaryOf({ journal, before, after, rssBytes, kills, reloads }: SoakResult): string {
  return [
    `  ${journal.clients} clients, ${mib(journal.rxBytes)} MiB to them and ${mib(journal.txBytes)} MiB from them`,
    `  ${kills} backends killed, ${reloads} reloads, ${after.totals.retried} retries, ${after.totals.queued} waited`,
    `  fates: ${listed(journal.fates)}`,
    `  causes: ${listed(journal.causes)}`,
    `  RSS before, after each tenth, at the end: ${[before.rssBytes, ...tenths(rssBytes), after.rssBytes].map(mib).join(' ')} MiB`,
    `  descriptors before and at the end: ${before.descriptors}, ${after.descriptors}`,
  ].join('\n');
}

/** A run in which something never happened has shown nothing of it. */
function missing({ journal, kills, reloads, after }: SoakResult): readonly string[] {
  const rare: Fate[] = ['turned away', 'cut when marked down'];
  const fates = FATES.filter((fate) => !rare.includes(fate) && journal.fates[fate] === undefined);
  const events = Object.entries({ kills, reloads, retries: after.totals.retried }).filter(([, count]) => count === 0);
  return [...fates, ...events.map(([name]) => name)];
}

function firstTenth(samples: readonly number[]): readonly number[] {
  return samples.slice(0, Math.ceil(samples.length / 10));
}

function isZero(value: number): boolean {
  return value === 0;
}

function tenths(samples: readonly number[]): readonly number[] {
  return Array.from({ length: 10 }, (_, n) => samples[Math.ceil(((n + 1) * samples.length) / 10) - 1] ?? 0);
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}
