import { readConfigFile } from '../app/config/load.ts';
import { isError } from '../config/problem/diagnostic.ts';
import { reportJson, reportText } from './check-report.ts';
import { loadOptions, type ConfigOptions } from './config-options.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

export interface CheckOptions extends ConfigOptions {
  /** Warnings fail too. */
  readonly strict?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** `tslb check`: says everything that is wrong with a file, and opens no socket. The answer goes to stdout. */
export async function check(options: CheckOptions): Promise<ExitCode> {
  const { diagnostics, config } = await readConfigFile(options.config, loadOptions(options));
  const isStrict = options.strict === true;
  const isGood = isStrict ? diagnostics.length === 0 : !diagnostics.some(isError);
  if (options.json === true) {
    process.stdout.write(reportJson(diagnostics, isStrict));
  } else {
    const count = config?.servers.length ?? 0;
    if (diagnostics.length > 0) process.stdout.write(reportText(diagnostics, { hasColour: process.stdout.isTTY }));
    if (isGood) process.stdout.write(`${options.config} is good: ${count} ${count === 1 ? 'server' : 'servers'}\n`);
  }
  return isGood ? EXIT.ok : EXIT.usage;
}
