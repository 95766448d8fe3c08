import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Command } from 'commander';

import { EXIT } from '../src/cli/exit-code.ts';
import { createProgram } from '../src/cli/program.ts';
import { addRemoteOptions } from '../src/cli/remote/remote-options.ts';
import { CONNECTION_KEYS, SERVER_KEYS } from '../src/cli/top/foot.ts';
import { HELP_LINES } from '../src/cli/top/help.ts';
import { section, tableRows } from './helpers/texts/markdown.ts';

const PAGE = readFileSync(join(fileURLToPath(new URL('../../', import.meta.url)), 'docs/ctl.md'), 'utf8');

function quotedIn(cell = ''): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
}

/** Without their head. */
function rows(heading: string): readonly (readonly string[])[] {
  return tableRows(section(PAGE, heading)).slice(1);
}

function longFlags(command: Command): readonly string[] {
  return command.options.map(({ long }) => long ?? '');
}

/** `drain SERVER BACKEND`, as the page has it. */
function usageOf(command: Command): string {
  const args = command.registeredArguments.map((argument) => {
    const name = argument.name().toUpperCase();
    return argument.required ? name : `[${name}]`;
  });
  return [command.name(), ...args].join(' ');
}

describe('docs/ctl.md', () => {
  const program = createProgram(() => {});
  const ctl = program.commands.find((command) => command.name() === 'ctl') as Command;
  const remote = longFlags(addRemoteOptions(new Command()));

  test('has each command, and no other', () => {
    const documented = rows('## Commands').flatMap(([usage]) => quotedIn(usage));
    assert.deepEqual(documented, ctl.commands.map(usageOf));
  });

  test('has the options of each command at it', () => {
    for (const [usage = '', options] of rows('## Commands')) {
      const command = ctl.commands.find((each) => usageOf(each) === quotedIn(usage)[0]) as Command;
      const own = longFlags(command).filter((flag) => flag !== '--json' && !remote.includes(flag));
      assert.deepEqual(quotedIn(options), own, usage);
      for (const flag of ['--json', ...remote]) assert.ok(longFlags(command).includes(flag), `${usage} ${flag}`);
    }
  });

  test('has the options that say which API, in their order', () => {
    const documented = rows('## Which API').flatMap(([flags = '']) => /--[\w-]+/.exec(flags)?.[0] ?? []);
    assert.deepEqual(documented, remote);
    for (const name of ['TSLB_API', 'TSLB_LOGIN', 'TSLB_PASSWORD']) assert.ok(PAGE.includes(`\`${name}\``), name);
  });

  test('has the same options at tslb top, and each of its keys', () => {
    const top = program.commands.find((command) => command.name() === 'top') as Command;
    assert.deepEqual(longFlags(top), remote);
    const documented = rows('## `tslb top`').flatMap(([keys]) => quotedIn(keys));
    const hinted = [...SERVER_KEYS, ...CONNECTION_KEYS]
      .flatMap(([keys]) => keys.split(' '))
      .filter((key) => key !== 'Esc');
    assert.deepEqual(
      hinted.filter((key) => !documented.includes(key)),
      [],
    );
    const helped = HELP_LINES.map(({ spans: [keys] }) => (typeof keys === 'object' ? keys.text.trim().split(' ') : []));
    const words = new Set(['Keys', 'Words', '']);
    assert.deepEqual(
      documented.toSorted(),
      helped
        .flat()
        .filter((key) => !words.has(key))
        .sort(),
    );
  });

  test('speaks of no other option', () => {
    const known = new Set(ctl.commands.flatMap(longFlags));
    const named = PAGE.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? [];
    for (const flag of named) assert.ok(known.has(flag), flag);
  });

  test('has the exit codes', () => {
    assert.deepEqual(
      rows('## In scripts').flatMap(([code]) => quotedIn(code).map(Number)),
      Object.values(EXIT).sort((one, other) => one - other),
    );
  });
});
