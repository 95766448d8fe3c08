/**
 * `npm run bench`: tslb beside HAProxy, nginx stream and no balancer at all, under the same work.
 * `npm run bench -- --help` tells the options, docs/benchmarks/README.md how to read the figures.
 */
import { writeFileSync } from 'node:fs';

import { CommanderError } from 'commander';

import { asError } from '../src/core/errors.ts';
import { FIGURES, type Figure, numberText } from './bench/figures.ts';
import { Lab } from './bench/lab.ts';
import { machine } from './bench/machine.ts';
import { missingPrograms, possible } from './bench/missing.ts';
import { type Options, parseOptions, PUBLISHED } from './bench/options.ts';
import { failureText, type Findings } from './bench/report/findings.ts';
import { reportJson, reportText } from './bench/report/text.ts';
import { publish, writeReport } from './bench/report/write.ts';
import { type Failure, type Plan, runRounds, type Sample, servicesOf } from './bench/rounds.ts';
import { titleOf } from './bench/subjects/registry.ts';
import { WORKS } from './bench/works/registry.ts';

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Of the many figures of a run, those that its line of progress shows. */
const TOLD = 4;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function tell(ended: Sample | Failure, { scale }: Plan): void {
  if ('reason' in ended) return say(`FAILED ${failureText(ended)}`);
  const { round, threads, work, subject, figures } = ended;
  const told = Object.entries(figures).slice(0, TOLD) as [Figure, number][];
  const texts = told.map(([figure, value]) => `${FIGURES[figure].title} ${numberText(value)} ${FIGURES[figure].unit}`);
  const head = `round ${round}/${scale.rounds}  ${threads} thr  ${work.padEnd(15)}  ${titleOf(subject).padEnd(14)}`;
  say(`${head}  ${texts.join(', ')}`);
}

async function measure({ plan: wanted }: Options, command: string, signal: AbortSignal): Promise<Findings> {
  if (process.platform !== 'linux') throw new Error('the bench reads processor time and memory from /proc: Linux only');
  const missing = missingPrograms();
  if (missing.has('nginx')) throw new Error(`nginx is what all is measured with: ${missing.get('nginx') ?? ''}`);
  const { plan, leftOut } = possible(wanted, missing);
  for (const line of leftOut) say(`left out: ${line}`);
  if (plan.works.length === 0 || plan.subjects.length === 0) throw new Error('nothing is left to measure');
  const works = plan.works.map((work) => WORKS[work].title).join(', ');
  say(`${plan.subjects.map(titleOf).join(', ')}: ${works}`);
  const findings = { command, startedAt: new Date().toISOString(), machine: await machine(), plan, leftOut };
  const lab = await Lab.open(servicesOf(plan.works));
  try {
    return { ...findings, results: await runRounds(plan, lab, { tell: (ended) => tell(ended, plan), signal }) };
  } finally {
    await lab.close();
  }
}

async function bench(argv: readonly string[]): Promise<void> {
  const options = parseOptions(argv);
  const ending = new AbortController();
  for (const signal of END_SIGNALS) process.on(signal, () => ending.abort(new Error(`ended by ${signal}`)));
  const command = ['npm run bench', ...(argv.length === 0 ? [] : ['--', ...argv])].join(' ');
  const findings = await measure(options, command, ending.signal);
  process.stdout.write(reportText(findings));
  if (options.json !== undefined) writeFileSync(options.json, reportJson(findings));
  if (options.out !== undefined) writeReport(findings, options.out);
  if (options.out === PUBLISHED) publish(findings, PUBLISHED);
  if (findings.results.failures.length > 0) process.exitCode = 1;
}

try {
  await bench(process.argv.slice(2));
} catch (thrown) {
  // Help and wrong options commander has told of itself.
  if (!(thrown instanceof CommanderError)) say(asError(thrown).message);
  process.exitCode = thrown instanceof CommanderError ? thrown.exitCode : 1;
}
