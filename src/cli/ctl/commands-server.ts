import { type Command, Option } from 'commander';

import type { ExitCode } from '../exit-code.ts';
import { addMatchOptions, commandAdder, durationOf, yesOption } from './command.ts';

const FILE_NOTES = `\
The file has the keys of one server, or is a whole configuration, of which the section [servers.NAME] is used; - is
stdin. A file with errors changes nothing.`;

/** Adds the commands that change a server, and cut connections. */
export function addServerCommands(ctl: Command, done: (code: ExitCode) => void): void {
  const add = commandAdder(ctl, done);
  ctl.commandsGroup('Change a server:');
  add(
    {
      usage: 'add-server <name> <file>',
      summary: 'add a server, or replace its configuration without a lost connection',
      options: (command) =>
        command.addOption(formatOption()).option('--replace', 'replace an existing server of this name'),
      notes: FILE_NOTES,
      examples: [
        ['add-server web web.toml', 'fails if the server web exists'],
        ['add-server web web.toml --replace', 'new or changed'],
      ],
    },
    async () => (await import('./change-server.ts')).addServer,
  );
  add(
    {
      usage: 'change-server <name> <file>',
      summary: 'change some keys of a server without a lost connection; in JSON, null removes a key',
      options: (command) => command.addOption(formatOption()),
      notes: FILE_NOTES,
      examples: [[`change-server web - <<< '{"max_connections": 500}'`, 'one key']],
    },
    async () => (await import('./change-server.ts')).changeServer,
  );
  add(
    {
      usage: 'remove-server <name>',
      summary: 'remove a server; return when its last connection has ended',
      options: (command) =>
        command
          .option('--drain <duration>', 'how long connections may last; without it they are cut', durationOf)
          .addOption(yesOption()),
      examples: [
        ['remove-server web --drain 30s', 'connections may finish within 30 seconds'],
        ['remove-server web --yes', 'cut them now'],
      ],
    },
    async () => (await import('./change-server.ts')).removeServer,
  );
  add(
    {
      usage: 'kill [id]',
      summary: 'cut one connection, or all that match',
      options: (command) =>
        addMatchOptions(command).option('--all', 'all connections of all servers').addOption(yesOption()),
      examples: [
        ['kill 1-42', 'the ID is that of "tslb ctl connections"'],
        ['kill --server web --backend 10.0.0.1:80', 'all of a backend'],
        ['kill --client 192.0.2.7: --yes', 'all of a client, without confirmation'],
      ],
    },
    async () => (await import('./kill.ts')).kill,
  );
}

function formatOption(): Option {
  return new Option('-f, --format <format>', 'its format; without it by the extension, else toml').choices([
    'toml',
    'json',
  ]);
}
