import type { Command } from 'commander';

import type { ExitCode } from '../exit-code.ts';
import { commandAdder } from './command.ts';

/** Adds the commands that concern the whole process. */
export function addProcessCommands(ctl: Command, done: (code: ExitCode) => void): void {
  const add = commandAdder(ctl, done);
  ctl.commandsGroup('Steer the process:');
  add(
    {
      usage: 'reload',
      summary: 'read the configuration again, as SIGHUP does, and say what came of it',
      examples: [['reload', 'a file with errors changes nothing, and all that is wrong is said']],
    },
    async () => (await import('./process.ts')).reload,
  );
  add(
    {
      usage: 'reset [server]',
      summary: 'let counters, peaks and histograms begin at 0 again',
      examples: [['reset web', 'before a measurement']],
    },
    async () => (await import('./process.ts')).resetCounters,
  );
  add(
    {
      usage: 'log-level [level]',
      summary: 'say how much is logged, or change it until the next reload',
      examples: [
        ['log-level', 'as it is'],
        ['log-level debug', 'more, for a while'],
      ],
    },
    async () => (await import('./process.ts')).showOrSetLogLevel,
  );
}
