import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

import type { ConfigFormat } from '../app/config/load.ts';
import { parseDuration } from '../config/values/duration.ts';
import { addCtl } from './ctl/commands.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { addTop } from './top/command.ts';
import { refuseUnknown } from './unknown-command.ts';

const EXAMPLES = `
Examples:
  tslb check -c gobetween.toml              report all errors of a file
  tslb start -c gobetween.toml              run it; SIGHUP reloads, SIGTERM drains and stops
  tslb start -c gobetween.toml --watch      run it and reload whenever the file changes
  tslb config schema > tslb.schema.json     let an editor complete the keys

gobetween's forms work too: tslb -c FILE, tslb from-file FILE, and GOBETWEEN='["-c", "FILE"]'.
Exit codes: 0 done, 1 could not start, 64 wrong usage or configuration.`;

const DEFAULT_DRAIN = '30s';

/** What commander has collected, of the program and of the command. */
interface Given {
  readonly config?: string;
  readonly format?: ConfigFormat;
  readonly useConfigEnvVars?: boolean;
  readonly pidfile?: string;
  readonly drainTimeout?: number;
  readonly watch?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
  readonly version?: boolean;
}

/**
 * The command line. What a command does is imported when it runs, so that each loads its own parts alone.
 * @param done told the exit code of the command that ran
 */
export function createProgram(done: (code: ExitCode) => void): Command {
  const program = new Command('tslb')
    .description('A layer-4 load balancer for TCP and UDP, configured as gobetween is.')
    .option('-v, --version', 'print the version, and the engine that `auto` is here')
    .enablePositionalOptions()
    .helpCommand('help [command]', 'show the help of tslb or of one of its commands')
    .allowExcessArguments()
    .exitOverride()
    .showHelpAfterError('Try "tslb help".')
    .addHelpText('after', EXAMPLES);
  // Commander's own version() needs the text at every start, and the name of the engine needs a library to be loaded.
  program.hook('preAction', async () => {
    if (program.opts<Given>().version !== true) return;
    const { versionText } = await import('./version.ts');
    process.stdout.write(versionText());
    throw new CommanderError(EXIT.ok, 'commander.version', '');
  });
  addRunOptions(addConfigOptions(program));

  async function run(file: string | undefined, command: Command): Promise<void> {
    const given = command.optsWithGlobals<Given>();
    const config = fileOf(file, given, command);
    const { start } = await import('./start.ts');
    done(await start({ ...given, config, drainTimeout: given.drainTimeout ?? durationOf(DEFAULT_DRAIN) }));
  }

  program.action(async (_options: unknown, command: Command) => {
    refuseUnknown(command);
    if (command.opts<Given>().config !== undefined) return run(undefined, command);
    command.outputHelp();
  });

  const startCommand = program.command('start').allowExcessArguments(false).description('start the balancer');
  addRunOptions(addConfigOptions(startCommand))
    .argument('[file]', 'the configuration, instead of -c')
    .action((file: string | undefined, _options: unknown, command: Command) => run(file, command));

  const fromFile = program
    .command('from-file')
    .allowExcessArguments(false)
    .description('start the balancer (gobetween’s form)');
  addRunOptions(addConfigOptions(fromFile))
    .argument('<file>', 'the configuration')
    .action((file: string, _options: unknown, command: Command) => run(file, command));

  const checkCommand = program
    .command('check')
    .allowExcessArguments(false)
    .description('check a configuration without opening a socket');
  addConfigOptions(checkCommand)
    .argument('[file]', 'the configuration, instead of -c')
    .option('--strict', 'warnings fail too')
    .option('--json', 'print the findings as JSON')
    .action(async (file: string | undefined, _options: unknown, command: Command) => {
      const given = command.optsWithGlobals<Given>();
      const config = fileOf(file, given, command);
      const { check } = await import('./check.ts');
      done(await check({ ...given, config }));
    });

  const config = program.command('config').description('about the configuration');
  config
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .action(async () => {
      const { configJsonSchema } = await import('../app/config/json-schema.ts');
      process.stdout.write(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
    });

  addCtl(program, done);
  addTop(program, done);

  for (const [name, source] of Object.entries(NOT_BUILT)) {
    program
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .action((_options: unknown, command: Command) => {
        command.error(`error: ${name} is not built yet: tslb cannot read its configuration from ${source}`);
      });
  }
  return program;
}

/** gobetween's commands that we refuse by name. */
const NOT_BUILT = { 'from-url': 'a URL', 'from-consul': 'Consul' } as const;

function addConfigOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the configuration', once)
    .addOption(
      new Option('-f, --format <format>', 'its format; without it by the extension, else toml').choices([
        'toml',
        'json',
      ]),
    )
    .option('-e, --use-config-env-vars', 'replace ${NAME} in it by environment variables');
}

function addRunOptions(command: Command): Command {
  return command
    .option('-p, --pidfile <file>', 'write the process id to this file, and remove the file at the end')
    .option('-w, --watch', 'reload when the configuration file changes')
    .option(
      '--drain-timeout <duration>',
      `how long connections may last after a stop or after the removal of their server (default: "${DEFAULT_DRAIN}")`,
      durationOf,
    );
}

function fileOf(argument: string | undefined, { config }: Given, command: Command): string {
  if (argument !== undefined && config !== undefined) command.error('error: the configuration is given twice');
  const file = argument ?? config;
  if (file === undefined) command.error(`error: which configuration? Use "tslb ${command.name()} -c FILE"`);
  return file;
}

function once(value: string, before: string | undefined): string {
  if (before === undefined) return value;
  throw new InvalidArgumentError('It is given twice.');
}

function durationOf(text: string): number {
  const reading = parseDuration(text);
  if ('value' in reading) return reading.value;
  throw new InvalidArgumentError(reading.faults[0]?.message ?? 'not a duration');
}
