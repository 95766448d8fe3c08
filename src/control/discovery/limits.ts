import pLimit from 'p-limit';

/** Runs a fetch when there is room for one more of its cost. */
export type FetchLimit = <Value>(run: () => Promise<Value>, startsProgram: boolean) => Promise<Value>;

const MOST_CONNECTIONS = 256;
/** Starting one holds up the main thread, and each is a process. */
const MOST_PROGRAMS = 8;

/** One for the whole process, shared by the sources of all servers. */
export function fetchLimit(): FetchLimit {
  const connections = pLimit(MOST_CONNECTIONS);
  const programs = pLimit(MOST_PROGRAMS);
  return (run, startsProgram) => (startsProgram ? programs(run) : connections(run));
}
