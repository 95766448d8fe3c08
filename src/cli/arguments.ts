import { TslbError } from '../core/errors.ts';

/**
 * What the command line is: the real arguments, or, where there are none, gobetween's environment variable `GOBETWEEN`
 * with a JSON array of strings (`["-c", "/etc/gobetween.toml"]`), as containers use it. Empty counts as not set.
 * @param args without node and the program
 * @throws TslbError TSLB_USAGE when both are given, or the variable holds something else
 */
export function commandLine(args: readonly string[], environment: NodeJS.ProcessEnv): readonly string[] {
  const text = environment.GOBETWEEN;
  if (text === undefined || text === '') return args;
  if (args.length > 0) {
    throw new TslbError('TSLB_USAGE', 'arguments are given both on the command line and in GOBETWEEN; use one of them');
  }
  const value = parsed(text);
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) {
    throw new TslbError(
      'TSLB_USAGE',
      `GOBETWEEN must hold a JSON array of strings, as ["-c", "gobetween.toml"]: ${text}`,
    );
  }
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TslbError('TSLB_USAGE', `GOBETWEEN must hold a JSON array of strings, and is not JSON: ${text}`, {
      cause,
    });
  }
}
