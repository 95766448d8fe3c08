import pLimit from 'p-limit';

import { type HealthcheckConfig, healthchecks } from './registry.ts';

/** Runs a check when there is room for one more of its kind. */
export type CheckLimit = <Value>(run: () => Promise<Value>, kind: HealthcheckConfig['kind']) => Promise<Value>;

/** Checks that have a connection open at once. */
const MOST_CONNECTIONS = 256;
/** Starting one holds up the main thread, and each is a process. */
const MOST_PROGRAMS = 8;

/** One for the whole process, shared by the monitors of all servers. */
export function checkLimit(): CheckLimit {
  const connections = pLimit(MOST_CONNECTIONS);
  const programs = pLimit(MOST_PROGRAMS);
  return (run, kind) => (healthchecks[kind].startsProgram === true ? programs(run) : connections(run));
}
