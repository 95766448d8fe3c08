import { once } from 'node:events';
import { createServer } from 'node:net';

import { errorCode } from '../../src/core/errors.ts';

export const HOST = '127.0.0.1';

/** Below those that the kernel gives to clients, so that none of a load's connections holds one of them. */
const LOWEST = 12_000;
const HIGHEST = 32_000;

let next = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));

/** Ports that nobody listens on at this moment, and that were not handed out lately. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    next = next < HIGHEST ? next + 1 : LOWEST;
    if (await isFree(next)) ports.push(next);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch (thrown) {
    if (errorCode(thrown) === 'EADDRINUSE') return false;
    throw thrown;
  }
  server.close();
  await once(server, 'close');
  return true;
}
