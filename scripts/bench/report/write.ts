import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { chart, chartRows } from './chart.ts';
import { type Findings, threadsText } from './findings.ts';
import { readmeBlock, withBlock } from './readme.ts';
import { Summary } from './summary.ts';
import { reportJson, reportText } from './text.ts';

/** Writes results.md, results.json and, for each number of threads, a chart. */
export function writeReport(findings: Findings, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.md'), reportText(findings));
  writeFileSync(join(folder, 'results.json'), reportJson(findings));
  const summary = new Summary(findings.results);
  const { cpu, cores, versions } = findings.machine;
  const where = `${cpu}, ${cores} cores; HAProxy ${versions['haproxy'] ?? '–'}, nginx ${versions['nginx'] ?? '–'}`;
  for (const threads of findings.plan.scale.threads) {
    const svg = chart(chartRows(summary, threads), `${threadsText(threads)}; ${where}`);
    writeFileSync(join(folder, `ratios-${threads}.svg`), svg);
  }
}

/** Shows in README.md what stands in the folder, which README.md's own folder has. */
export function publish(findings: Findings, folder: string): void {
  writeFileSync('README.md', withBlock(readFileSync('README.md', 'utf8'), readmeBlock(findings, folder)));
}
