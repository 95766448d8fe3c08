import type { Command } from 'commander';

import { nearest } from '../config/problem/nearest.ts';

/** For a command that takes subcommands alone: refuses any argument that is none of them, with a suggestion. */
export function refuseUnknown(command: Command): void {
  const [unknown] = command.args;
  if (unknown === undefined) return;
  const names = command.commands.map((each) => each.name());
  const meant = nearest(unknown, names);
  command.error(`error: unknown command "${unknown}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`);
}
