import { type Command, InvalidArgumentError, Option } from 'commander';

import { parseClients } from '../../config/values/clients.ts';
import { parseDuration } from '../../config/values/duration.ts';
import type { ExitCode } from '../exit-code.ts';
import type { RemoteOptions } from '../remote/open.ts';
import { addRemoteOptions, REMOTE_HELP } from '../remote/remote-options.ts';
import type { Act } from './run.ts';
import type { CtlOptions } from './session.ts';

export interface CommandText {
  /** The name with its arguments: `drain <server> <backend>`. */
  readonly usage: string;
  readonly summary: string;
  /** Adds its own arguments and options. */
  readonly options?: (command: Command) => unknown;
  /** What the help says below the options, before the examples. */
  readonly notes?: string;
  /** Each as it is typed, with what it does. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
}

export type AddCommand = (text: CommandText, load: () => Promise<Act>) => void;

/**
 * Returns a function that adds a command of the API. The code of a command is imported when it runs.
 * @param done gets the exit code of the command
 */
export function commandAdder(ctl: Command, done: (code: ExitCode) => void): AddCommand {
  return ({ usage, summary, options, notes, examples }, load) => {
    const command = ctl.command(usage).description(summary).allowExcessArguments(false);
    command.option('--json', 'print the answer of the API as JSON');
    options?.(command);
    addRemoteOptions(command).action(async () => {
      const given = command.optsWithGlobals<CtlOptions & RemoteOptions>();
      const { runCtl } = await import('./run.ts');
      done(await runCtl(await load(), command.processedArgs as readonly string[], given));
    });
    const width = Math.max(...examples.map(([line]) => line.length));
    const lines = examples.map(([line, meaning]) => `  tslb ctl ${line.padEnd(width)}    ${meaning}`);
    const text = [...(notes === undefined ? [] : ['', notes]), '', 'Examples:', ...lines, REMOTE_HELP];
    command.addHelpText('after', text.join('\n'));
  };
}

/** For commands that cut connections. */
export function yesOption(): Option {
  return new Option('-y, --yes', 'do not ask for confirmation; required without a terminal');
}

/** The options that select connections. */
export function addMatchOptions(command: Command): Command {
  return command
    .option('--server <name>', 'connections of this server')
    .option('--backend <address>', 'connections to this backend')
    .option('--client <address>', 'connections of clients of this address or network: 192.0.2.0/24', clientsOf);
}

export function durationOf(text: string): number {
  const reading = parseDuration(text);
  if ('value' in reading) return reading.value;
  throw new InvalidArgumentError(reading.faults[0]?.message ?? 'not a duration');
}

function clientsOf(text: string): string {
  const read = parseClients(text);
  if ('value' in read) return text;
  throw new InvalidArgumentError(`${read.wrong}.`);
}

/** A whole number that is not negative. */
export function countOf(text: string): number {
  const count = Number(text);
  if (/^\d{1,15}$/.test(text)) return count;
  throw new InvalidArgumentError('It is not a whole number.');
}

/** A whole number, or `auto`, which clears the override. */
export function countOrAuto(text: string): string {
  if (text !== 'auto') countOf(text);
  return text;
}

/** Of an option that may be repeated. */
export function added(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Words, separated by commas. */
export function listOf(text: string): readonly string[] {
  const list = text.split(',');
  if (!list.includes('')) return list;
  throw new InvalidArgumentError('Write one or more, separated by commas.');
}
