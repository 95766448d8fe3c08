import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { toolPath } from '../../../scripts/bench/tools.ts';

/** Where the small programs in other languages stand, with a slash at its end. */
export const PROGRAMS = fileURLToPath(new URL('../../../../test/helpers/peers/programs/', import.meta.url));

/** Longer than any program takes on a busy machine. */
export const HANGS_MS = 60_000;

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Namespaces and the like come first: a command that runs what follows it. */
  readonly through?: readonly string[];
}

export interface RunOptions extends ProgramOptions {
  /** What it reads on its standard input; absent: nothing at all, and its end. */
  readonly input?: string;
  /** It is stopped once it has said so. */
  readonly until?: RegExp;
  /** It is ended after that; else after a minute. */
  readonly timeoutMs?: number;
}

/** How a program ended: `code` is null where it was ended. */
export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order of reading. */
  readonly all: string;
}

/** Starts a real program, in a process group of its own: a kill takes its children, too. */
export function spawnProgram(
  name: string,
  args: readonly string[],
  { cwd, env, through = [] }: ProgramOptions,
): ChildProcess {
  const [program = '', ...rest] = [...through, toolPath(name) ?? name, ...args];
  return spawn(program, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, LC_ALL: 'C', ...env },
    ...(cwd !== undefined && { cwd }),
  });
}

/** With its children. */
export function killProgram(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group has ended.
  }
}

/** Runs a real program to its end. A failure of its own is an answer, too. @throws where it cannot be started */
export async function runProgram(name: string, args: readonly string[], options: RunOptions = {}): Promise<Said> {
  const child = spawnProgram(name, args, options);
  const said = { stdout: '', stderr: '', all: '' };
  const heard = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    said[stream] += chunk.toString('latin1');
    said.all += chunk.toString('latin1');
    if (options.until?.test(said.all) === true) killProgram(child);
  };
  child.stdout?.on('data', heard('stdout'));
  child.stderr?.on('data', heard('stderr'));
  child.stdin?.on('error', () => undefined);
  // With `until` the input stays open: some leave at its end.
  if (options.until === undefined) child.stdin?.end(options.input ?? '');
  else child.stdin?.write(options.input ?? '');
  const timer = setTimeout(() => killProgram(child), options.timeoutMs ?? HANGS_MS);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, ...said };
  } finally {
    clearTimeout(timer);
  }
}
