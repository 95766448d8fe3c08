import { readdirSync } from 'node:fs';
import { Agent, get } from 'node:http';

import { toolPath } from '../../../scripts/bench/tools.ts';
import { cpuSeconds, memory } from '../../../scripts/bench/usage.ts';

/**
 * Why a test that calls these programs cannot run, for its `skip`. Where CI has installed them all, a missing one is
 * for the test itself to fail on.
 */
export function missingTools(...names: readonly string[]): string | false {
  const missing = names.filter((name) => toolPath(name) === undefined);
  if (missing.length === 0 || process.env['CI'] === 'true') return false;
  return `not installed here: ${missing.join(', ')}`;
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

export function usageOf(pid: number): Usage {
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    rssMib: memory([pid]).rssKib / 1024,
    cpuMs: cpuSeconds([pid]) * 1000,
  };
}
