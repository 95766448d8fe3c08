import { figuresTable } from './figures-table.ts';
import { failureText, type Findings, machineText, threadsText } from './findings.ts';
import { Summary } from './summary.ts';
import { outcomes, targetsTable } from './targets.ts';

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

/** Every figure of every round, for programs: `Findings` and the targets. A run is a line. */
export function reportJson(findings: Findings): string {
  const { samples, failures } = findings.results;
  const summary = new Summary(findings.results);
  const targets = findings.plan.scale.threads.map((threads) => ({ threads, outcomes: outcomes(summary, threads) }));
  const text = JSON.stringify({ ...findings, targets, results: { failures, samples: [] } }, undefined, 2);
  const lines = samples.map((sample) => `\n      ${JSON.stringify(sample)}`);
  return `${text.replace(/"samples": \[\]/, () => `"samples": [${lines.join(',')}\n    ]`)}\n`;
}

function list(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`${title}\n`, `${items.map((item) => `- ${item}`).join('\n')}\n`];
}
