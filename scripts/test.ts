/**
 * Runs the compiled tests: `npm test`, or `npm test -- balance` for those with `balance` in their path.
 * `npm run test:system` runs the ones in test/system instead, one file after the other, and shows what they print.
 * `npm run test:without-koffi` runs those that know engines as if the optional package koffi were not installed.
 * The last line is `N passed, N failed, N skipped`; the exit code is 1 if one failed or none ran.
 */
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect, parseArgs } from 'node:util';

import pLimit from 'p-limit';

import { WITHOUT_KOFFI } from '../test/helpers/processes/cli.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SYSTEM_TESTS = join('test', 'system');
/** A file that takes longer hangs. */
const FILE_TIMEOUT_MS = 300_000;
const SYSTEM_FILE_TIMEOUT_MS = 900_000;

/** A file that takes so long is worth a look; its time is shown. */
const SLOW_SECONDS = 4;

/** Most tests wait for sockets and timers more than they compute. */
const FILES_FOR_EACH_CORE = 2;
/** Begun first, so that no long file runs alone at the end: those that wait most. */
const LONG = join('test', 'contract');

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { system: { type: 'boolean', default: false }, 'without-koffi': { type: 'boolean', default: false } },
});

interface Report {
  readonly source: string;
  seconds: number;
  passed: number;
  skipped: number;
  readonly failures: { readonly name: string; readonly reason: string }[];
  output: string;
}

/** From the sources, so that what was compiled of a deleted test does not run. */
function testSources(): string[] {
  return ['src', 'test']
    .flatMap((top) =>
      readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' }).map((file) => join(top, file)),
    )
    .filter((file) => file.endsWith('.test.ts') && file.startsWith(SYSTEM_TESTS) === options.system)
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .sort((one, other) => Number(other.startsWith(LONG)) - Number(one.startsWith(LONG)) || (one < other ? -1 : 1));
}

/** A run of Node's for each file: within one run of many, a test from a shared suite does not say whose it is. */
function runFile(source: string): Promise<Report> {
  const began = performance.now();
  const report: Report = { source, seconds: 0, passed: 0, skipped: 0, failures: [], output: '' };
  const compiled = join(ROOT, 'dist', source.replace(/\.ts$/, '.js'));
  const timeout = options.system ? SYSTEM_FILE_TIMEOUT_MS : FILE_TIMEOUT_MS;

  function printed({ message }: { readonly message: string }): void {
    if (options.system) process.stdout.write(message);
    else report.output += message;
  }

  return new Promise((resolve) => {
    run({ files: [compiled], timeout })
      .on('test:stdout', printed)
      .on('test:stderr', printed)
      .on('test:pass', ({ name, details, skip, todo }) => {
        if (details.type === 'suite') return;
        // A file passes in its own name only when no test in it did.
        if (name === compiled) report.failures.push({ name: '', reason: 'holds no test' });
        else if (skip !== undefined || todo !== undefined) report.skipped++;
        else report.passed++;
      })
      .on('test:fail', ({ name, details: { error }, todo }) => {
        // A parent that failed by its children alone says nothing new.
        if ('failureType' in error && error.failureType === 'subtestsFailed') return;
        if (todo !== undefined) report.skipped++;
        else report.failures.push({ name: name === compiled ? '' : name, reason: reasonText(error.cause) });
      })
      .on('end', () => {
        report.seconds = (performance.now() - began) / 1000;
        resolve(report);
      })
      .resume();
  });
}

function reasonText(cause: unknown): string {
  return typeof cause === 'string' ? cause : inspect(cause);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '     ');
}

function title(source: string, name: string): string {
  return name === '' ? source : `${source}: ${name}`;
}

function show({ source, seconds, passed, skipped, failures, output }: Report): void {
  for (const { name, reason } of failures) say(`FAIL ${title(source, name)}\n${indented(reason)}`);
  if (failures.length > 0 && output !== '') say(`     What it printed:\n${indented(output.trimEnd())}`);
  const counts = [`${passed} passed`];
  if (failures.length > 0) counts.push(`${failures.length} failed`);
  if (skipped > 0) counts.push(`${skipped} skipped`);
  if (seconds >= SLOW_SECONDS) counts.push(`${seconds.toFixed(0)} s`);
  say(`${failures.length > 0 ? 'FAIL' : 'ok  '} ${source} (${counts.join(', ')})`);
}

// Set for the balancer, it would be the argument list of every one that the tests start.
delete process.env.GOBETWEEN;
if (options['without-koffi']) Object.assign(process.env, WITHOUT_KOFFI);
// Until all have run.
process.exitCode = 1;

const started = performance.now();
const limit = pLimit(options.system ? 1 : availableParallelism() * FILES_FOR_EACH_CORE);
const reports = await limit.map(testSources(), async (source) => {
  const report = await runFile(source);
  show(report);
  return report;
});

const failed = reports.flatMap(({ source, failures }) => failures.map(({ name }) => title(source, name)));
const passed = reports.reduce((sum, report) => sum + report.passed, 0);
const skipped = reports.reduce((sum, report) => sum + report.skipped, 0);

if (failed.length > 0) say(`\nFailed:\n${indented(failed.join('\n'))}`);
if (reports.length === 0)
  say(`There is no test file${filters.length > 0 ? ` with ${filters.join(' or ')} in its path` : ''}.`);
say(`\n${reports.length} test files in ${((performance.now() - started) / 1000).toFixed(1)} s`);
say(`${passed} passed, ${failed.length} failed, ${skipped} skipped`);
process.exitCode = failed.length > 0 || passed === 0 ? 1 : 0;
