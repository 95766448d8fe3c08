import { asError } from '../../src/core/errors.ts';
import { type Measurement, rounded } from './figures.ts';
import type { Lab, Open } from './lab.ts';
import type { Scale } from './scale.ts';
import { BALANCERS, type SubjectName } from './subjects/registry.ts';
import { type ServiceName, SERVICES } from './subjects/subject.ts';
import { type WorkName, WORKS } from './works/registry.ts';
import { warmUp } from './works/warm-up.ts';
import type { Work } from './works/work.ts';

export interface Plan {
  readonly scale: Scale;
  readonly subjects: readonly SubjectName[];
  readonly works: readonly WorkName[];
}

/** Which of the runs. Rounds count from 1. */
export interface Run {
  readonly round: number;
  readonly threads: number;
  readonly work: WorkName;
  readonly subject: SubjectName;
}

export interface Sample extends Run {
  readonly figures: Measurement;
}

export interface Failure extends Run {
  readonly reason: string;
}

export interface Results {
  readonly samples: readonly Sample[];
  readonly failures: readonly Failure[];
}

/** One that takes longer hangs. */
const RUN_LIMIT_MS = 300_000;

/** Each starts as often as any other, so that none always follows the same one. */
export function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const first = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

/** Each of them once; those of the pages are in each. */
export function servicesOf(works: readonly WorkName[]): readonly ServiceName[] {
  return [...new Set<ServiceName>(['web', ...works.flatMap((work) => WORKS[work].services)])];
}

/** Whether there is something to measure. */
export function takesPart(name: WorkName, subject: SubjectName, threads: number): boolean {
  const work: Work = WORKS[name];
  if (work.isForOneThread === true && threads > 1) return false;
  if (subject === 'direct') return work.isForDirect;
  return !work.services.some((service) => BALANCERS[subject].lacks.includes(SERVICES[service]));
}

/**
 * All works in all rounds. One work runs through all subjects before the next begins, so that a machine which is
 * slower for a while is so for all of them. The processes are those of the first round, as they run in production: what
 * V8 compiles is compiled once.
 * @param tell hears of each run when it has ended
 * @throws Error when a balancer does not start or not work at all, or of the signal; what a run fails with is in the results
 */
export async function runRounds(
  { scale, subjects, works }: Plan,
  lab: Lab,
  { tell, signal }: { readonly tell: (ended: Sample | Failure) => void; readonly signal: AbortSignal },
): Promise<Results> {
  const samples: Sample[] = [];
  const failures: Failure[] = [];

  async function measure(run: Run, open: Open): Promise<void> {
    const work: Work = WORKS[run.work];
    signal.throwIfAborted();
    const limit = AbortSignal.timeout(RUN_LIMIT_MS);
    try {
      const limited = AbortSignal.any([signal, limit]);
      const figures = rounded(await work.measure({ open, threads: run.threads, scale, lab, signal: limited }));
      samples.push({ ...run, figures });
      tell({ ...run, figures });
    } catch (thrown) {
      signal.throwIfAborted();
      const reason = limit.aborted ? `it took longer than ${RUN_LIMIT_MS / 1000} s` : asError(thrown).message;
      failures.push({ ...run, reason });
      tell({ ...run, reason });
    }
  }

  const services = servicesOf(works);
  const opens: { readonly open: Open; readonly threads: number }[] = [];
  try {
    for (const threads of scale.threads) {
      for (const subject of subjects) {
        const open = await lab.start(subject, { threads, services });
        opens.push({ open, threads });
        await warmUp({ open, threads, scale, lab, signal });
      }
    }
    for (let round = 1; round <= scale.rounds; round++) {
      for (const threads of scale.threads) {
        const team = opens.filter((one) => one.threads === threads).map(({ open }) => open);
        for (const [turn, work] of works.entries()) {
          for (const open of rotated(team, round + turn)) {
            if (takesPart(work, open.name, threads)) await measure({ round, threads, work, subject: open.name }, open);
          }
        }
      }
    }
  } finally {
    for (const { open } of opens) await open.stop();
  }
  return { samples, failures };
}
