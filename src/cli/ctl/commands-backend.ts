import { Argument, type Command, Option } from 'commander';

import { BACKEND_STATES } from '../../core/backend.ts';
import { SEND_PROXY } from '../../core/proxy-protocol.ts';
import type { ExitCode } from '../exit-code.ts';
import { added, commandAdder, countOf, countOrAuto, durationOf, listOf, yesOption } from './command.ts';

const UNTIL = `It holds over reloads, until "tslb ctl auto" clears it or the process ends; api.state_file keeps it longer.`;

/** Adds the commands that change a backend. */
export function addBackendCommands(ctl: Command, done: (code: ExitCode) => void): void {
  const add = commandAdder(ctl, done);
  ctl.commandsGroup('Change a backend:');
  add(
    {
      usage: 'drain <server> <backend>',
      summary: 'give a backend no new clients; its connections may finish',
      options: (command) =>
        command
          .option('--wait', 'return when it has no more connections')
          .option('--timeout <duration>', 'with --wait: the longest time to wait; then the exit code is 1', durationOf),
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
      summary: 'give a backend clients again, if its checks pass',
      notes: UNTIL,
      examples: [['enable web 10.0.0.1:80', 'even if the file says that it is draining or disabled']],
    },
    async () => (await import('./change-backend.ts')).enableBackend,
  );
  add(
    {
      usage: 'disable <server> <backend>',
      summary: 'give a backend no new clients and no checks',
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
        command.addArgument(new Argument('<limit>', 'a whole number, 0 for no limit, or auto').argParser(countOrAuto)),
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
      summary: 'clear the overrides: state, weight and limit are those of the file again',
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
          .option('--priority <count>', 'its priority; 1, and the lowest is used first', countOf)
          .option('--max-connections <count>', 'connections at once; 0 is no limit', countOf)
          .addOption(new Option('--state <state>', 'its first state; enabled').choices(BACKEND_STATES))
          .option('--sni <name>', 'a server name (TLS) of its clients, "" for none; may be repeated', added)
          .option('--alpn <protocols>', 'only clients that offer one of these: h2,http/1.1', listOf)
          .addOption(new Option('--send-proxy <version>', 'the PROXY header that it gets').choices(SEND_PROXY)),
      examples: [
        ['add-backend web 10.0.0.9:80 --weight 3 --state draining', 'to be enabled when it is ready'],
        ['add-backend tls 10.0.0.9:443 --sni www.example.org --send-proxy v2', 'where the server has a table sni'],
      ],
    },
    async () => (await import('./list-backends.ts')).addBackend,
  );
  add(
    {
      usage: 'remove-backend <server> <backend>',
      summary: 'remove a backend until it is added again, even if discovery finds it; its connections may finish',
      examples: [['remove-backend web 10.0.0.9:80', 'to cut its connections, run kill --backend 10.0.0.9:80, too']],
    },
    async () => (await import('./list-backends.ts')).removeBackend,
  );
}
