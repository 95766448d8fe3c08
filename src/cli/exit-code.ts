/** What the process ends with. 64 is EX_USAGE of sysexits(3). */
export const EXIT = {
  /** Done, or stopped after a drain. */
  ok: 0,
  /** The configuration was good, but it could not be started: a port in use, a log file that cannot be opened. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 64,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
