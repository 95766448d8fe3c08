import type { Machine } from '../machine.ts';
import type { Failure, Plan, Results } from '../rounds.ts';
import { titleOf } from '../subjects/registry.ts';
import { WORKS } from '../works/registry.ts';

/** All that a run of the bench has found out, and where. */
export interface Findings {
  readonly command: string;
  readonly startedAt: string;
  readonly machine: Machine;
  readonly plan: Plan;
  readonly leftOut: readonly string[];
  readonly results: Results;
}

export function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

export function machineText({ cpu, cores, memoryGib, kernel, versions }: Machine): string {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${cpu}, ${cores} cores, ${memoryGib} GiB; ${kernel}; ${programs.join(', ')}.`;
}

export function failureText({ round, threads, work, subject, reason }: Failure): string {
  return `${WORKS[work].title}, ${titleOf(subject)}, ${threadsText(threads)}, round ${round}: ${reason}`;
}
