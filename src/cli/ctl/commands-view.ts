import { type Command, Option } from 'commander';

import type { ExitCode } from '../exit-code.ts';
import { addMatchOptions, commandAdder, countOf } from './command.ts';

const BACKENDS_NOTES = `\
Status: up, unchecked and starting (slow start) get clients. The others get no clients: draining and disabled (set so
by the list or an override), down (its checks fail), ejected (it failed its clients), unresolved (its name has no
address) and removed (it left the list, and its last connections are still open).`;

/** Adds the commands that only look. */
export function addViewCommands(ctl: Command, done: (code: ExitCode) => void): void {
  const add = commandAdder(ctl, done);
  ctl.commandsGroup('See:');
  add(
    {
      usage: 'servers',
      summary: 'all servers, with their current and total figures',
      examples: [
        ['servers', 'a table'],
        ['servers --json', 'all figures'],
      ],
    },
    async () => (await import('./servers.ts')).showServers,
  );
  add(
    {
      usage: 'backends [server]',
      summary: 'the backends of one or of all servers: their status, its reason, and their figures',
      notes: BACKENDS_NOTES,
      examples: [
        ['backends', 'of all servers'],
        ['backends web', 'of the server web'],
      ],
    },
    async () => (await import('./backends.ts')).showBackends,
  );
  add(
    {
      usage: 'connections',
      summary: 'the open connections, the oldest first',
      options: (command) =>
        addMatchOptions(command)
          .addOption(new Option('--sort <by>', 'the order').choices(['age', 'in', 'out']).default('age'))
          .option('--limit <count>', 'how many to show, at most 1000', countOf, 100),
      examples: [
        ['connections --server web --sort out', 'of one server, those that got the most bytes first'],
        ['connections --client 192.0.2.', 'of the clients of a network'],
      ],
    },
    async () => (await import('./connections.ts')).showConnections,
  );
  add(
    {
      usage: 'history <server>',
      summary: 'the last hour of a server, as small charts',
      examples: [['history web', 'connections, bytes and errors']],
    },
    async () => (await import('./history.ts')).showHistory,
  );
  add(
    {
      usage: 'events',
      summary: 'recent events and all events from now on, a line each, until Ctrl-C',
      examples: [
        ['events', 'backends that go down and come up, and changes with the operator who made them'],
        ['events --json', 'one JSON object a line'],
      ],
    },
    async () => (await import('./events.ts')).showEvents,
  );
  add(
    {
      usage: 'config <server>',
      summary: "one server's configuration in force, as JSON in gobetween's form",
      examples: [['config web > web.json', 'keep it; "add-server web web.json --replace" brings it back']],
    },
    async () => (await import('./config.ts')).showConfig,
  );
  add(
    {
      usage: 'dump',
      summary: 'the whole configuration in force, as a file that can be loaded',
      options: (command) =>
        command
          .addOption(new Option('-f, --format <format>', 'its format').choices(['toml', 'json']).default('toml'))
          .option('--secrets', 'with passwords and tokens'),
      examples: [['dump --secrets > tslb.toml', 'with passwords, which are left out otherwise']],
    },
    async () => (await import('./config.ts')).showDump,
  );
  add(
    {
      usage: 'info',
      summary: 'version, engine, threads, memory and open files of the process',
      examples: [['info', 'include it in a bug report']],
    },
    async () => (await import('./info.ts')).showInfo,
  );
}
