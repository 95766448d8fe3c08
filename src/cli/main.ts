#!/usr/bin/env node
import { CommanderError } from 'commander';

import { visible } from '../config/problem/diagnostic-line.ts';
import { TslbError } from '../core/errors.ts';
import { commandLine } from './arguments.ts';
import { checkDescriptors } from './descriptors.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/** Parses and runs one command line. */
async function main(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  try {
    checkDescriptors();
    // Only now: what it imports is many files, which Node opens many at a time.
    const { createProgram } = await import('./program.ts');
    const program = createProgram((done) => {
      code = done;
    });
    await program.parseAsync(commandLine(args, environment), { from: 'user' });
    return code;
  } catch (thrown) {
    // Help and version end that way too, and what is wrong commander has said itself.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(thrown instanceof TslbError)) throw thrown;
    process.stderr.write(`tslb: ${visible(thrown.message)}\n`);
    return thrown.code === 'TSLB_USAGE' ? EXIT.usage : EXIT.failed;
  }
}

// A reader that has gone away (`tslb help | head`) is no reason to fall over.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.exitCode = await main(process.argv.slice(2), process.env);
