import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { Command } from 'commander';

import { EXIT } from '../src/cli/exit-code.ts';
import { createProgram } from '../src/cli/program.ts';
import { type AccessEntry, jsonLine, textLine } from '../src/data/session/access-log.ts';
import { textLine as logTextLine } from '../src/log/text.ts';
import { logMessages } from './helpers/texts/log-messages.ts';
import { codeBlocks, section, tableRows } from './helpers/texts/markdown.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

function source(path: string): string {
  return readFileSync(join(ROOT, 'src', path), 'utf8');
}

function firstCells(heading: string): readonly string[] {
  return tableRows(section(PAGE, heading)).flatMap(([cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text),
  );
}

function allCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** As a person types it: `tslb config schema`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function flagsOf(commands: readonly Command[]): ReadonlySet<string> {
  const flags = commands.flatMap((command) => command.options.flatMap(({ short, long }) => [short, long]));
  return new Set(flags.filter((flag) => flag !== undefined));
}

describe('the command line', () => {
  const program = createProgram(() => {});
  // Those that ask an API have a page of their own, and a test for it (ctl-docs.test.ts).
  const commands = allCommands(program).filter((command) => !/^tslb (?:ctl|top)\b/.test(pathOf(command)));
  const options = flagsOf(commands);
  const text = section(PAGE, '## Command line');

  test('has every command, with each of its arguments', () => {
    const usage = codeBlocks(text, 'text')[0] ?? '';
    for (const command of commands) {
      if (command.commands.length > 0 && command !== program) continue;
      const [first = ''] = /from-(?:url|consul)/.exec(pathOf(command)) ?? [];
      if (first !== '') assert.ok(text.includes(`\`${first}\``), first);
      else assert.match(usage, new RegExp(`^${pathOf(command)}\\b`, 'm'));
    }
    for (const name of ['ctl <', 'top ']) assert.match(usage, new RegExp(`^tslb ${name}`, 'm'));
  });

  test('has every option of every command, and no other', () => {
    const documented = firstCells('## Command line').map((flags) => flags.split(' ')[0] ?? '');
    assert.deepEqual(documented.toSorted(), [...options, '-h', '--help'].sort());
  });

  test('has them at the commands that know them', () => {
    for (const [flags = '', of = ''] of tableRows(text).slice(1)) {
      const long = /--[\w-]+/.exec(flags)?.[0] ?? '';
      const knowing = commands.filter((command) => command.options.some((option) => option.long === long));
      const names = knowing.map((command) => command.name()).filter((name) => ['start', 'check'].includes(name));
      if (long === '--help') continue;
      assert.equal(of, names.length === 0 ? 'tslb' : names.join(', '), long);
    }
  });

  test('says the defaults and choices of the program', () => {
    const help =
      allCommands(program)
        .find((command) => command.name() === 'start')
        ?.helpInformation() ?? '';
    const drain = /default:\s+"(\w+)"/.exec(help)?.[1] ?? '';
    assert.match(text, new RegExp(`\`--drain-timeout DURATION\`.*\`${drain}\``));
    assert.match(text, /`--format FORMAT`.*`toml` or `json`/);
  });

  test('has only options that exist wherever pages speak of tslb', () => {
    const lines = [...PAGE.split('\n'), ...README.split('\n').filter((line) => line.includes('tslb '))];
    const flags = lines.flatMap((line) =>
      line.includes('npm ') ? [] : (line.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? []),
    );
    assert.ok(flags.length > 10);
    const known = flagsOf(allCommands(program));
    for (const flag of flags) assert.ok(known.has(flag) || flag === '--help', flag);
  });

  test('of README.md are commands that exist', () => {
    const names = new Set(['help', ...allCommands(program).map((command) => command.name())]);
    const named = [...README.matchAll(/(?:^|`)tslb ([a-z][\w-]*)/gm)].map(([, name = '']) => name);
    assert.ok(named.length > 0);
    for (const name of named) assert.ok(names.has(name), `tslb ${name}`);
  });
});

test('exit codes are those that the program ends with', () => {
  assert.deepEqual(
    firstCells('## Exit codes').map(Number),
    Object.values(EXIT).sort((one, other) => one - other),
  );
  for (const code of Object.values(EXIT)) assert.match(README, new RegExp(`\\b${code}\\b`), `README.md: ${code}`);
});

test('signals are those that the program listens to', () => {
  const handled = new Set(
    source('cli/run-signals.ts')
      .match(/'SIG[A-Z0-9]+'/g)
      ?.map((text) => text.slice(1, -1)),
  );
  const documented = tableRows(section(PAGE, '## Signals')).flatMap(([cell = '']) => cell.match(/SIG[A-Z0-9]+/g) ?? []);
  assert.deepEqual(documented.toSorted(), [...handled].sort());
});

describe('the log', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const said = files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => logMessages(source(file)));

  test('has every message of level info and above, and no other', () => {
    const documented = tableRows(section(PAGE, '## Log'))
      .slice(1)
      .map(([cell = '']) => cell.replaceAll('`', ''));
    assert.deepEqual(documented.toSorted(), [...new Set(said)].sort());
  });

  test('messages are found in each way of saying them', () => {
    const sample = `
      this.#log.info({ a: 'not this' }, 'one');
      this.#log[isFirst ? 'info' : 'debug']({}, 'two');
      tools.log.throttled('warn', 'three', { reason: 'nor this' });
      this.#options.onLog('error', 'four', {});
      this.#log(name).error({}, 'five');
      log.debug('too quiet', {});
      log.warn(made(), fields);
      catalog('no log');
    `;
    assert.deepEqual(logMessages(sample), ['one', 'two', 'three', 'four', 'five']);
  });

  test('has an example line of each form as it is written', () => {
    const [text = '', json = ''] = codeBlocks(section(PAGE, '## Log'), 'text');
    const record = JSON.parse(json) as Readonly<Record<string, string>>;
    assert.deepEqual(Object.keys(record), ['level', 'time', 'name', 'server', 'bind', 'address', 'msg']);
    const withoutTime = (line: string) => line.slice('2026-01-31 13:05:09'.length).trimEnd();
    assert.equal(withoutTime(text), withoutTime(logTextLine(json)));
  });
});

describe('the access log', () => {
  const page = section(PAGE, '## Access log');
  const TIME = new Date('2026-01-31T13:05:09.120Z');
  const ENTRY: AccessEntry = {
    server: 'web',
    client: '192.0.2.7:50312',
    backend: '192.168.56.3:80',
    tried: ['192.168.56.2:80'],
    cause: '--',
    rxBytes: 1_234,
    txBytes: 56,
    queueMs: 0,
    connectMs: 0.4,
    totalMs: 12.5,
    serverActive: 3,
    backendActive: 1,
  };

  test('has an example line of each form as it is written', () => {
    assert.deepEqual(codeBlocks(page, 'text'), [textLine(TIME, ENTRY), jsonLine(TIME, ENTRY)]);
  });

  test('has every field of both forms, in their order', () => {
    const rows = tableRows(page).slice(1);
    const cells = (column: number) => rows.map((row) => row[column]?.replaceAll('`', ''));
    const whole: AccessEntry = {
      ...ENTRY,
      unacknowledgedBytes: 1,
      ...{ peer: '192.0.2.8:1', uniqueId: 'a', authority: 'www.example.org' },
      ...{ outcome: 'answered', rxDatagrams: 1, txDatagrams: 1 },
      ...{ hello: 'named', sni: 'A', tlsName: 'a', alpn: ['h2'], helloBytes: 1, helloRecords: 1 },
    };
    assert.deepEqual(cells(0), Object.keys(JSON.parse(jsonLine(TIME, whole)) as object));
    const words = textLine(TIME, whole).trim().split(' ').slice(1);
    assert.deepEqual(
      cells(1).slice(1),
      words.map((word) => word.split('=')[0]),
    );
  });
});
