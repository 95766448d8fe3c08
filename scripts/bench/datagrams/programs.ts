import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import { Child } from '../child.ts';
import type { BurstsOrder, BurstsResult, RequestsOrder, RequestsResult } from './orders.ts';

const START_LIMIT_MS = 10_000;

function programPath(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

export interface DatagramPorts {
  readonly echo: number;
  readonly sink: number;
}

export function startDatagramBackends(): { readonly child: Child; readonly ports: Promise<DatagramPorts> } {
  const child = new Child('datagram backends', { program: execPath, args: [programPath('backend')] });
  const ports = child.line(AbortSignal.timeout(START_LIMIT_MS)).then((line) => {
    const [echo = 0, sink = 0] = line.split(' ').map(Number);
    return { echo, sink };
  });
  return { child, ports };
}

/** The result of the order, and how much the counter has risen meanwhile. @throws Error when the client fails */
export async function sendDatagrams<Order extends RequestsOrder | BurstsOrder>(
  order: Order,
  counter: () => number,
  signal: AbortSignal,
): Promise<{ readonly result: Order extends RequestsOrder ? RequestsResult : BurstsResult; readonly rise: number }> {
  const child = new Child('client', { program: execPath, args: [programPath('client'), JSON.stringify(order)] });
  try {
    if ((await child.line(signal)) !== 'ready') throw child.failure();
    const before = counter();
    const line = child.line(signal);
    child.finishInput();
    const result = JSON.parse(await line) as Order extends RequestsOrder ? RequestsResult : BurstsResult;
    return { result, rise: counter() - before };
  } finally {
    await child.stop();
  }
}
