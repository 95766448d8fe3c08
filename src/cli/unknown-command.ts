import type { Command } from 'commander';

import { nearest } from '../config/problem/nearest.ts';

/** Of a command with commands below it that runs itself: an argument is one of these that does not exist. */
export function refuseUnknown(command: Command): void {
  const [unknown] = command.args;
  if (unknown === undefined) return;
  const names = command.commands.map((each) => each.name());
  const meant = nearest(unknown, names);
  command.error(`error: unknown command "${unknown}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`);
}
