import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { delimiter, join } from 'node:path';

/** Debian keeps nginx in a folder that users do not search. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

export function toolPath(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * Why a test that calls these programs cannot run, for its `skip`. Where CI has installed them all, a missing one is
 * for the test itself to fail on.
 */
export function missingTools(...names: readonly string[]): string | false {
  const missing = names.filter((name) => toolPath(name) === undefined);
  if (missing.length === 0 || process.env['CI'] === 'true') return false;
  return `not installed here: ${missing.join(', ')}`;
}

/** Runs a program to its end. @returns what it printed @throws Error with that, when it fails */
export async function runTool(name: string, args: readonly string[]): Promise<string> {
  const child = spawn(toolPath(name) ?? name, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${output}${errors}`);
  return output;
}

/** One request, on a connection of its own. @returns which machine answered, or the system's name of an error */
export function machineOf(url: string, agent = new Agent({ keepAlive: false })): Promise<string> {
  return new Promise((resolve) => {
    get(url, { agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(String(response.headers['x-machine'] ?? response.statusCode)));
      response.on('error', (error) => resolve(error.message));
    }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

/** Asks until somebody answers. */
export async function answers(url: string): Promise<void> {
  while ((await machineOf(`${url}/quiet.html`)) === 'ECONNREFUSED');
}

/** What the kernel tells of a process, on Linux. */
export interface Usage {
  readonly descriptors: number;
  readonly rssMib: number;
  readonly cpuMs: number;
}

/** A tick of the kernel's clock, as it shows it to programs. */
const TICK_MS = 10;

export function usageOf(pid: number): Usage {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  const [, rss] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    rssMib: Number(rss) / 1024,
    cpuMs: (Number(afterName[11]) + Number(afterName[12])) * TICK_MS,
  };
}
