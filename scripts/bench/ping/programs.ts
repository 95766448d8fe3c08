import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import { Child } from '../child.ts';
import { runTool } from '../tools.ts';
import { type Body, BODIES } from '../web-servers.ts';
import type { PingOrder, PingResult } from './schedule.ts';

const START_LIMIT_MS = 10_000;

/** Our own programs run in processes of their own, so that none waits for another's work. */
function programPath(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

/** A backend that sends back what it gets. */
export function startEcho(): { readonly child: Child; readonly port: Promise<number> } {
  const child = new Child('echo', { program: execPath, args: [programPath('echo')] });
  return { child, port: child.line(AbortSignal.timeout(START_LIMIT_MS)).then(Number) };
}

/** @throws Error when a message has no answer, or a connection ends */
export async function ping(order: PingOrder, signal: AbortSignal): Promise<PingResult> {
  return JSON.parse(await runTool(execPath, [programPath('client'), JSON.stringify(order)], signal)) as PingResult;
}

/** A client with so many open connections, all of which have worked. @throws Error when one could not be opened */
export async function holdConnections(port: number, count: number, signal: AbortSignal): Promise<Child> {
  const child = new Child('client', { program: execPath, args: [programPath('holder'), String(port), String(count)] });
  return ready(child, 'open', signal);
}

export interface SlowReading {
  readonly body: Body;
  readonly bytesPerSecond: number;
}

/** A client that reads one body after the other at a pace of its own. */
export async function readSlowly(
  port: number,
  { body, bytesPerSecond }: SlowReading,
  signal: AbortSignal,
): Promise<Child> {
  const args = [programPath('reader'), ...[port, `/${body}`, BODIES[body], bytesPerSecond].map(String)];
  return ready(new Child('slow reader', { program: execPath, args }), 'reading', signal);
}

async function ready(child: Child, word: string, signal: AbortSignal): Promise<Child> {
  try {
    if ((await child.line(signal)) === word) return child;
    throw child.failure();
  } catch (thrown) {
    await child.stop();
    throw thrown;
  }
}
