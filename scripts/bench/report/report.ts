import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Machine } from '../machine.ts';
import type { Failure, Plan, Results } from '../rounds.ts';
import { titleOf } from '../subjects/registry.ts';
import { WORKS } from '../works/registry.ts';
import { chart, chartRows } from './chart.ts';
import { figuresTable } from './figures-table.ts';
import { Summary } from './summary.ts';
import { outcomes, targetsTable } from './targets.ts';

/** All that a run of the bench has found out, and where. */
export interface Findings {
  readonly command: string;
  readonly startedAt: string;
  readonly machine: Machine;
  readonly plan: Plan;
  readonly leftOut: readonly string[];
  readonly results: Results;
}

/** The report as Markdown. */
export function reportText(findings: Findings): string {
  const { command, startedAt, plan, leftOut, results } = findings;
  const summary = new Summary(results);
  const parts = [
    '# Results\n',
    `Written by \`${command}\`, begun ${startedAt}: ${machineText(findings.machine)}\n`,
    `Medians over ${plan.scale.rounds} interleaved ${plan.scale.rounds === 1 ? 'round' : 'rounds'}.\n`,
    ...list('Left out:', leftOut),
    ...list('Failed:', results.failures.map(failureText)),
  ];
  for (const threads of plan.scale.threads) {
    const reached = outcomes(summary, threads);
    parts.push(`## ${threadsText(threads)}\n`);
    if (reached.length > 0) parts.push(targetsTable(reached));
    parts.push(figuresTable(plan, summary, threads));
  }
  return parts.join('\n');
}

export function failureText({ round, threads, work, subject, reason }: Failure): string {
  return `${WORKS[work].title}, ${titleOf(subject)}, ${threadsText(threads)}, round ${round}: ${reason}`;
}

/** Every figure of every round, for programs. */
export function reportJson(findings: Findings): string {
  const summary = new Summary(findings.results);
  const targets = findings.plan.scale.threads.map((threads) => ({ threads, outcomes: outcomes(summary, threads) }));
  return `${JSON.stringify({ ...findings, targets }, undefined, 2)}\n`;
}

/** Writes results.md, results.json and, for each number of threads, a chart. */
export function writeReport(findings: Findings, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.md'), reportText(findings));
  writeFileSync(join(folder, 'results.json'), reportJson(findings));
  const summary = new Summary(findings.results);
  for (const threads of findings.plan.scale.threads) {
    const subtitle = `${threadsText(threads)}; ${findings.machine.cpu}, ${findings.machine.cores} cores; HAProxy ${findings.machine.versions['haproxy'] ?? '–'}, nginx ${findings.machine.versions['nginx'] ?? '–'}`;
    writeFileSync(join(folder, `ratios-${threads}.svg`), chart(chartRows(summary, threads), subtitle));
  }
}

function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

function machineText({ cpu, cores, memoryGib, kernel, versions }: Machine): string {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${cpu}, ${cores} cores, ${memoryGib} GiB; ${kernel}; ${programs.join(', ')}.`;
}

function list(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`${title}\n`, `${items.map((item) => `- ${item}`).join('\n')}\n`];
}
