import { Command, InvalidArgumentError } from 'commander';

import type { Plan } from './rounds.ts';
import { FULL, QUICK } from './scale.ts';
import { SUBJECT_NAMES, USUAL_SUBJECTS } from './subjects/registry.ts';
import { WORK_NAMES } from './works/registry.ts';

export interface Options {
  readonly plan: Plan;
  /** A file for all figures. */
  readonly json: string | undefined;
  /** A folder for the report. */
  readonly out: string | undefined;
}

interface Given {
  readonly quick?: boolean;
  readonly rounds?: number;
  readonly threads?: readonly number[];
  readonly only?: Plan['works'];
  readonly subjects?: Plan['subjects'];
  readonly json?: string;
  readonly out?: string;
}

/** Where published figures stand. */
export const PUBLISHED = 'docs/benchmarks';

const HELP = `
Works, in the order in which they run (a beginning does: ping is all of ping-…):
  ${WORK_NAMES.join(' ')}
Subjects (guarded and before only if named; before is the build in the checkout that TSLB_BEFORE names):
  ${SUBJECT_NAMES.join(' ')}

Examples:
  npm run bench                                     the full form, half an hour or more; writes ${PUBLISHED} and README.md
  npm run bench -- --quick                          under two minutes; writes nothing
  npm run bench -- --only connections --threads 1   one work, all subjects
  npm run bench -- --subjects epoll,haproxy --only body,ping --rounds 3
  npm run bench -- --subjects epoll,guarded --only connections   what checks and limits cost
  TSLB_BEFORE=../old npm run bench -- --subjects epoll,before    what a change costs
  npm run bench -- --quick --out /tmp/figures       a report of its own

Nothing is installed: what is missing is named, and left out. Processor time is the balancer's alone. The machine
should have nothing else to do. ${PUBLISHED}/README.md tells how to read the figures.`;

/** @throws CommanderError when the options are wrong, or after the help */
export function parseOptions(argv: readonly string[]): Options {
  const command = new Command('npm run bench --')
    .description('Measures tslb beside HAProxy, nginx stream and no balancer at all.')
    .option('--quick', 'one round, one thread, little work')
    .option('--rounds <n>', `rounds; a figure is the median over them (default: ${FULL.rounds})`, count)
    .option('--threads <list>', 'threads of each balancer, one after the other (default: 1,2)', counts)
    .option('--only <works>', 'these works', namesOf(WORK_NAMES))
    .option('--subjects <names>', 'these subjects', namesOf(SUBJECT_NAMES))
    .option('--json <file>', 'write every figure of every round there')
    .option('--out <folder>', `write the report there (default: ${PUBLISHED}, when nothing is left out by an option)`)
    .allowExcessArguments(false)
    .exitOverride()
    .showHelpAfterError('Try "npm run bench -- --help".')
    .addHelpText('after', HELP)
    .parse(argv, { from: 'user' });
  const { quick = false, rounds, threads, only, subjects, json, out } = command.opts<Given>();
  const scale = quick ? QUICK : FULL;
  const isFull = !quick && [rounds, threads, only, subjects].every((option) => option === undefined);
  return {
    plan: {
      scale: { ...scale, rounds: rounds ?? scale.rounds, threads: threads ?? scale.threads },
      subjects: subjects ?? USUAL_SUBJECTS,
      works: only ?? WORK_NAMES,
    },
    json,
    out: out ?? (isFull ? PUBLISHED : undefined),
  };
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It is a whole number from 1.');
}

function counts(text: string): readonly number[] {
  return text.split(',').map(count);
}

/** Reads a list of names, or of their beginnings up to a hyphen; in the order of `known`. */
function namesOf<Name extends string>(known: readonly Name[]): (text: string) => readonly Name[] {
  return (text) => {
    const asked = text.split(',');
    const matches = (name: string, beginning: string): boolean =>
      name === beginning || name.startsWith(`${beginning}-`);
    const unknown = asked.find((beginning) => !known.some((name) => matches(name, beginning)));
    if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of: ${known.join(', ')}.`);
    return known.filter((name) => asked.some((beginning) => matches(name, beginning)));
  };
}
