import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../src/core/random.ts';
import { Backend } from './backend.ts';
import { between } from './chance.ts';

/** Where the backends can be asked how they are. */
export const CHECK_PORT = 9001;
const PORT = 8001;

/** Backends that are spared, so that every client finds one. */
const FEWEST_ALIVE = 2;

/** Backends that all do the same. */
export class Fleet {
  /** Bytes that came differently at a backend, and connections beyond its limit. */
  readonly faults: string[] = [];
  readonly #backends: readonly Backend[];

  constructor(count: number) {
    const onFault = (fault: string) => void this.faults.push(fault);
    this.#backends = Array.from({ length: count }, (_, position) => nthBackend(position, onFault));
  }

  /** `host:port` of each. */
  get keys(): readonly string[] {
    return this.#backends.map(({ key }) => key);
  }

  get kills(): number {
    return this.#backends.reduce((sum, { deaths }) => sum + deaths.count, 0);
  }

  /** @param limits how many connections a backend may have at most; of those that are limited */
  limit(limits: ReadonlyMap<string, number>): void {
    for (const backend of this.#backends) backend.limit(limits.get(backend.key));
  }

  /** Starts those that do not run. */
  async start(): Promise<void> {
    await Promise.all(this.#backends.filter(({ isAlive }) => !isAlive).map((backend) => backend.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#backends.map((backend) => backend.kill()));
  }

  /** Kills one after the other and has each come back a little later, until the signal. */
  async suffer(random: Random, signal: AbortSignal): Promise<void> {
    const returning: Promise<void>[] = [];
    while (await waited(between(random, 500, 3000), signal)) {
      const alive = this.#backends.filter(({ isAlive }) => isAlive);
      const victim = alive[between(random, 0, alive.length - 1)];
      if (victim !== undefined && alive.length > FEWEST_ALIVE) returning.push(comeBack(victim, random));
    }
    await Promise.all(returning);
  }

  /** Whether a backend was dead at any moment between two of Date.now. */
  wasDead(key: string, from: number, to: number): boolean {
    return this.#backends.some((backend) => backend.key === key && backend.deaths.touch(from, to));
  }
}

function nthBackend(position: number, onFault: (fault: string) => void): Backend {
  const ip = hostOf(position);
  // Every other one speaks before it is asked.
  const speaksFirst = position % 2 === 1;
  return new Backend({ key: `${ip}:${PORT}`, ip, port: PORT, checkPort: CHECK_PORT, speaksFirst }, { onFault });
}

/** Of this process alone, so that nobody takes a backend's port while it is dead. */
function hostOf(position: number): string {
  return `127.${77 + position}.${(process.pid >> 8) & 255}.${process.pid & 255}`;
}

async function comeBack(backend: Backend, random: Random): Promise<void> {
  await backend.kill();
  await pause(between(random, 0, 2000));
  await backend.start();
}

/** @returns false when the signal came first */
export async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, undefined, { signal });
    return true;
  } catch {
    return false; // aborted
  }
}
