import type { Command } from 'commander';

import type { ExitCode } from '../exit-code.ts';
import { commandAdder } from './command.ts';

/** Adds the commands that concern the whole process. */
export function addProcessCommands(ctl: Command, done: (code: ExitCode) => void): void {
  const add = commandAdder(ctl, done);
  ctl.commandsGroup('Control the process:');
  add(
    {
      usage: 'reload',
      summary: 'reload the configuration, as SIGHUP does, and show the result',
      examples: [['reload', 'a file with errors changes nothing; all errors are shown']],
    },
    async () => (await import('./process.ts')).reload,
  );
  add(
    {
      usage: 'reset [server]',
      summary: 'reset counters, peaks and histograms to 0',
      examples: [['reset web', 'before a measurement']],
    },
    async () => (await import('./process.ts')).resetCounters,
  );
  add(
    {
      usage: 'log-level [level]',
      summary: 'show the level of the log, or change it until the next reload',
      examples: [
        ['log-level', 'as it is'],
        ['log-level debug', 'more, for a while'],
      ],
    },
    async () => (await import('./process.ts')).showOrSetLogLevel,
  );
}
