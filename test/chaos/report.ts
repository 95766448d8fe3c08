import { check, listed, same, type CheckResult } from '../soak/checks.ts';
import type { ChaosResult } from './chaos.ts';
import { ALL_KINDS } from './schedule.ts';

/** How much more than in the first tenth of the run the balancer may hold at the end. */
const RSS_TOLERANCE_MIB = 64;
/** Of a core; three checks a second and a name or three are what it does. */
const MOST_IDLE_CPU = 0.05;

/** Everything that a run has to show. */
export function checksOf(result: ChaosResult): readonly CheckResult[] {
  const { journal, before, after, rssMib, idleCpuShare } = result;
  const gauges = [after.active, after.waiting, ...after.backendsActive];
  const level = Math.max(before.rssMib, ...rssMib.slice(0, Math.ceil(rssMib.length / 10)));
  return [
    check('nobody hangs', journal.hangs === 0, () => `${journal.hangs} do`),
    check(
      'every client got its bytes in time, or was in trouble, and the access log says so',
      journal.faultCount === 0,
      () => `${journal.faultCount} did not\n${journal.faults.join('\n')}`,
    ),
    same('every backend got its bytes', result.backendFaults, []),
    same('no backend was down that was well', result.downs, []),
    check('all gauges are 0', gauges.every(isZero), () => gauges.join(' ')),
    check(
      'every connection has its line',
      after.accepted === journal.lines,
      () => `${after.accepted} accepted, ${journal.lines} lines`,
    ),
    check(
      'the descriptors are back',
      after.descriptors <= before.descriptors,
      () => `${after.descriptors} after ${before.descriptors}`,
    ),
    check(
      'the memory is back',
      after.rssMib <= level + RSS_TOLERANCE_MIB,
      () => `${after.rssMib.toFixed(0)} MiB at the end, ${level.toFixed(0)} MiB in the first tenth`,
    ),
    check('it rests at the end', idleCpuShare < MOST_IDLE_CPU, () => `${(100 * idleCpuShare).toFixed(1)} % of a core`),
    same('no error was logged', result.errors, []),
    same('there was all that was to be survived', missing(result), []),
  ];
}

/** For a person who looks at it. */
export function summaryOf({ journal, crowd, sufferings, before, after, rssMib, idleCpuShare }: ChaosResult): string {
  return [
    `  ${journal.clients} clients; not connected: ${listed(crowd.unconnected)}`,
    `  troubles: ${listed(sufferings.counts)}`,
    `  fates: ${listed(journal.fates)}`,
    `  causes: ${listed(journal.causes)}`,
    `  RSS before, at most, at the end: ${[before.rssMib, Math.max(...rssMib), after.rssMib].map((mib) => mib.toFixed(0)).join(' ')} MiB`,
    `  descriptors before and at the end: ${before.descriptors}, ${after.descriptors}`,
    `  CPU at rest: ${(100 * idleCpuShare).toFixed(1)} % of a core`,
  ].join('\n');
}

/** A run in which something never happened has shown nothing of it. */
function missing({ sufferings }: ChaosResult): readonly string[] {
  return ALL_KINDS.filter((kind) => sufferings.counts[kind] === undefined);
}

function isZero(value: number): boolean {
  return value === 0;
}
