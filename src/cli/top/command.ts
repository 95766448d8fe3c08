import type { Command } from 'commander';

import type { ExitCode } from '../exit-code.ts';
import { addRemoteOptions, REMOTE_HELP } from '../remote/remote-options.ts';
import type { RemoteOptions } from '../remote/open.ts';

const EXAMPLES = `
Keys: arrows choose, / filters, c shows connections, d drains, ? lists all keys, q quits.

Examples:
  tslb top                                  the tslb of this machine
  tslb top --api unix:/run/tslb.sock        through a unix socket
  tslb top --api https://lb.example:8888 --login admin
${REMOTE_HELP}`;

/** Adds `tslb top`. What it does is loaded when it runs. */
export function addTop(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('top')
    .allowExcessArguments(false)
    .description('watch a running tslb and change it with keys');
  addRemoteOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const { top } = await import('./top.ts');
      done(await top(command.optsWithGlobals<RemoteOptions>()));
    });
}
