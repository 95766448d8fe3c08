import { Argument, type Command, Option } from 'commander';

import { BACKEND_STATES } from '../../core/backend.ts';
import type { ExitCode } from '../exit-code.ts';
import { commandAdder, countOf, countOrAuto, durationOf, yesOption } from './command.ts';

const UNTIL = `It holds over reloads, until "tslb ctl auto" clears it or the process ends; api.state_file keeps it longer.`;

/** Adds the commands that change a backend. */
export function addBackendCommands(ctl: Command, done: (code: ExitCode) => void): void {
  const add = commandAdder(ctl, done);
  ctl.commandsGroup('Steer a backend:');
  add(
    {
      usage: 'drain <server> <backend>',
      summary: 'give a backend no new clients; those that it has go on',
      options: (command) =>
        command
          .option('--wait', 'until it has no connections any more')
          .option('--timeout <duration>', 'with --wait: for no longer; then the exit code is 1', durationOf),
      notes: UNTIL,
      examples: [
        ['drain web 10.0.0.1:80', 'return at once'],
        ['drain web 10.0.0.1:80 --wait --timeout 10m', 'return when the last client has left, or fail in ten minutes'],
      ],
    },
    async () => (await import('./drain.ts')).drainBackend,
  );
  add(
    {
      usage: 'enable <server> <backend>',
      summary: 'let a backend get clients, as far as its checks do',
      notes: UNTIL,
      examples: [['enable web 10.0.0.1:80', 'also where the file says that it is draining or disabled']],
    },
    async () => (await import('./change-backend.ts')).enableBackend,
  );
  add(
    {
      usage: 'disable <server> <backend>',
      summary: 'give a backend neither clients nor checks',
      options: (command) => command.addOption(yesOption()),
      notes: `With on_down = "close" its connections are cut. ${UNTIL}`,
      examples: [['disable web 10.0.0.1:80', 'it is out of service']],
    },
    async () => (await import('./change-backend.ts')).disableBackend,
  );
  add(
    {
      usage: 'weight <server> <backend>',
      summary: 'set the weight of a backend',
      options: (command) =>
        command.addArgument(new Argument('<weight>', 'a whole number, or auto').argParser(countOrAuto)),
      notes: UNTIL,
      examples: [
        ['weight web 10.0.0.1:80 5', 'five shares'],
        ['weight web 10.0.0.1:80 auto', 'as the file says'],
      ],
    },
    async () => (await import('./change-backend.ts')).setWeight,
  );
  add(
    {
      usage: 'limit <server> <backend>',
      summary: 'set the max_connections of a backend',
      options: (command) =>
        command.addArgument(new Argument('<limit>', 'a whole number, 0 for none, or auto').argParser(countOrAuto)),
      notes: UNTIL,
      examples: [
        ['limit web 10.0.0.1:80 50', 'fifty at once'],
        ['limit web 10.0.0.1:80 auto', 'as the file says'],
      ],
    },
    async () => (await import('./change-backend.ts')).setLimit,
  );
  add(
    {
      usage: 'auto <server> <backend>',
      summary: 'clear the overrides: state, weight and limit are as the file says',
      examples: [['auto web 10.0.0.1:80', 'after drain, enable, disable, weight and limit']],
    },
    async () => (await import('./change-backend.ts')).clearOverrides,
  );
  add(
    {
      usage: 'add-backend <server> <address>',
      summary: 'add a backend to those that discovery finds',
      options: (command) =>
        command
          .option('--weight <count>', 'its weight; 1', countOf)
          .option('--priority <count>', 'its priority; 1, and the lowest is served first', countOf)
          .option('--max-connections <count>', 'connections at once; 0 is no limit', countOf)
          .addOption(new Option('--state <state>', 'what it begins with; enabled').choices(BACKEND_STATES)),
      examples: [['add-backend web 10.0.0.9:80 --weight 3 --state draining', 'and enable it when it is ready']],
    },
    async () => (await import('./list-backends.ts')).addBackend,
  );
  add(
    {
      usage: 'remove-backend <server> <backend>',
      summary: 'take a backend away, also one that discovery finds, until it is added again; its connections go on',
      examples: [['remove-backend web 10.0.0.9:80', 'to cut its connections, too: kill --backend 10.0.0.9:80']],
    },
    async () => (await import('./list-backends.ts')).removeBackend,
  );
}
