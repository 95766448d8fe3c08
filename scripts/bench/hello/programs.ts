import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import { Child } from '../child.ts';

const START_LIMIT_MS = 10_000;

function programPath(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

/** Connections with a ClientHello each, to a port of 127.0.0.1. */
export interface HellosOrder {
  readonly port: number;
  /** At once. */
  readonly clients: number;
  readonly connections: number;
  /** Before those, and not counted. */
  readonly warmup: number;
}

/** A backend with two ports that takes hellos. */
export function startHelloBackend(): { readonly child: Child; readonly ports: Promise<readonly number[]> } {
  const child = new Child('hello backend', { program: execPath, args: [programPath('backend')] });
  const line = child.line(AbortSignal.timeout(START_LIMIT_MS));
  return { child, ports: line.then((text) => text.split(' ').map(Number)) };
}

/** The seconds that the order took, and how much the counter has risen meanwhile. @throws Error when a connection fails */
export async function sendHellos(
  order: HellosOrder,
  counter: () => number,
  signal: AbortSignal,
): Promise<{ readonly seconds: number; readonly rise: number }> {
  const child = new Child('client', { program: execPath, args: [programPath('client'), JSON.stringify(order)] });
  try {
    if ((await child.line(signal)) !== 'ready') throw child.failure();
    const before = counter();
    const line = child.line(signal);
    child.finishInput();
    const seconds = Number(await line);
    return { seconds, rise: counter() - before };
  } finally {
    await child.stop();
  }
}
