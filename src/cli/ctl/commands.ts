import type { Command } from 'commander';

import type { ExitCode } from '../exit-code.ts';
import { addRemoteOptions, REMOTE_HELP } from '../remote/remote-options.ts';
import { refuseUnknown } from '../unknown-command.ts';
import { addBackendCommands } from './commands-backend.ts';
import { addProcessCommands } from './commands-process.ts';
import { addServerCommands } from './commands-server.ts';
import { addViewCommands } from './commands-view.ts';

const EXAMPLES = `
Examples:
  tslb ctl servers                                    all servers with their figures
  tslb ctl backends web                               the backends of one server, and why a backend gets no clients
  tslb ctl drain web 10.0.0.1:80 --wait               before maintenance: return when its last client has left
  tslb ctl enable web 10.0.0.1:80                     after the maintenance
  tslb ctl weight web 10.0.0.1:80 5                   a larger share of the clients; "auto" is the weight in the file
  tslb ctl connections --backend 10.0.0.1:80          the connections of a backend
  tslb ctl events                                     all events from now on, until Ctrl-C
  tslb ctl servers --json | jq '.servers[].active'    the answer of the API as JSON, for scripts
  tslb ctl --api unix:/run/tslb.sock servers          an API that is not at port 8888 of this machine
${REMOTE_HELP}
Exit codes: 0 done, 1 the API refused or cannot be reached, 64 wrong usage.`;

/** Adds `tslb ctl …`. What a command does is loaded when it runs. */
export function addCtl(program: Command, done: (code: ExitCode) => void): void {
  const ctl = program
    .command('ctl')
    .description('show and change a running tslb through its API')
    .helpCommand('help [command]', 'show the help of one of these commands')
    .addHelpText('after', EXAMPLES);
  addRemoteOptions(ctl);
  ctl.action((_options: unknown, command: Command) => {
    refuseUnknown(command);
    command.outputHelp();
  });
  addViewCommands(ctl, done);
  addBackendCommands(ctl, done);
  addServerCommands(ctl, done);
  addProcessCommands(ctl, done);
}
