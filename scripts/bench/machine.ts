import { createRequire } from 'node:module';
import { cpus, release, totalmem } from 'node:os';

import { version } from '../../src/cli/version.ts';
import { runTool, toolPath } from './tools.ts';

const BYTES_PER_GIB = 1024 ** 3;

/** Where and with what the figures came about. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly kernel: string;
  /** By program; one that is not here has none. */
  readonly versions: Readonly<Record<string, string>>;
}

export async function machine(): Promise<Machine> {
  const found = {
    node: process.version,
    tslb: version(),
    commit: await firstMatch('git', ['rev-parse', '--short', 'HEAD'], /^(\w+)$/m),
    koffi: koffiVersion(),
    haproxy: await firstMatch('haproxy', ['-v'], /version (\S+)/),
    nginx: await firstMatch('nginx', ['-v'], /nginx\/(\S+)/),
    ab: await firstMatch('ab', ['-V'], /Version (\S+)/),
  };
  const versions = Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / BYTES_PER_GIB),
    kernel: `Linux ${release()}`,
    versions: Object.fromEntries(versions),
  };
}

async function firstMatch(name: string, args: readonly string[], pattern: RegExp): Promise<string | undefined> {
  if (toolPath(name) === undefined) return undefined;
  // nginx says it on its standard error, and git fails where there is no repository.
  const said = await runTool('sh', ['-c', '"$0" "$@" 2>&1 || true', toolPath(name) ?? name, ...args]);
  return pattern.exec(said)?.[1];
}

function koffiVersion(): string | undefined {
  try {
    return (createRequire(import.meta.url)('koffi') as { readonly version: string }).version;
  } catch {
    // It is optional.
    return undefined;
  }
}
