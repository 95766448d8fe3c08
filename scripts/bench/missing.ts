import { existsSync } from 'node:fs';

import { asError } from '../../src/core/errors.ts';
import { loadLibc } from '../../src/data/engines/linux/libc.ts';
import type { Plan } from './rounds.ts';
import { streamModule } from './subjects/nginx-stream.ts';
import { BALANCERS } from './subjects/registry.ts';
import { type ProgramName, PROGRAMS } from './subjects/subject.ts';
import { earlierMain } from './subjects/tslb.ts';
import { toolPath } from './tools.ts';
import { WORKS } from './works/registry.ts';

/** What is not here, with how to get it. */
export type Missing = ReadonlyMap<ProgramName, string>;

export function missingPrograms(): Missing {
  const missing = new Map<ProgramName, string>();
  for (const name of ['ab', 'haproxy', 'nginx'] as const) {
    if (toolPath(name) === undefined) missing.set(name, `Debian package ${PROGRAMS[name]}`);
  }
  if (streamModule() === undefined) missing.set('nginx stream', `Debian package ${PROGRAMS['nginx stream']}`);
  try {
    loadLibc();
  } catch (thrown) {
    missing.set('koffi', `${PROGRAMS.koffi}: ${asError(thrown).message}`);
  }
  const earlier = earlierMain();
  if (earlier === undefined || !existsSync(earlier)) missing.set('earlier build', PROGRAMS['earlier build']);
  return missing;
}

/** What can be done with what is here, and a line for each thing that is left out. */
export function possible(plan: Plan, missing: Missing): { readonly plan: Plan; readonly leftOut: readonly string[] } {
  const lacks = (needs: readonly ProgramName[]): ProgramName | undefined => needs.find((name) => missing.has(name));
  const leftOut: string[] = [];

  function has(title: string, needs: readonly ProgramName[]): boolean {
    const lacking = lacks(needs);
    if (lacking !== undefined) leftOut.push(`${title}, because ${lacking} is missing (${missing.get(lacking) ?? ''})`);
    return lacking === undefined;
  }

  const subjects = plan.subjects.filter(
    (name) => name === 'direct' || has(BALANCERS[name].title, BALANCERS[name].needs),
  );
  const works = plan.works.filter((name) => has(WORKS[name].title, WORKS[name].needs));
  return { plan: { ...plan, subjects, works }, leftOut };
}
