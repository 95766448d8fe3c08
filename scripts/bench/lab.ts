import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { untilAnswers } from './answers.ts';
import { Child } from './child.ts';
import { startEcho } from './ping/programs.ts';
import { freePorts, HOST } from './ports.ts';
import { BALANCERS, type SubjectName } from './subjects/registry.ts';
import { SERVICES, type Layout, type Service, type ServiceName } from './subjects/subject.ts';
import { cpuSeconds, memory, type Memory, processTree } from './usage.ts';
import { startWebServers } from './web-servers.ts';

/** Memory, where there is a folder of it; a body then comes from no disk. */
const SHARED_MEMORY = '/dev/shm';

/** A way to the backends that is open. */
export interface Open {
  readonly name: SubjectName;
  /** Of 127.0.0.1. */
  port(service: ServiceName): number;
  /** Processor time so far, of the balancer with all its processes; of none, 0. */
  cpuSeconds(): number;
  memory(): Memory;
  /** From the start of its program to its first answer. */
  readonly startMs: number;
}

/** The backends, and whatever stands before them. */
export class Lab {
  readonly folder: string;
  readonly #children = new Map<Open | 'backends', Child[]>();
  #backends: Readonly<Record<ServiceName, readonly string[]>> | undefined;
  #count = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Starts two web servers and an echo. @throws Error when one does not start; all are stopped then */
  static async open(): Promise<Lab> {
    const lab = new Lab(makeFolder());
    try {
      const children: Child[] = [];
      lab.#children.set('backends', children);
      const web = await startWebServers(lab.folder, (child) => children.push(child));
      const echo = startEcho();
      children.push(echo.child);
      lab.#backends = { web: web.backends, pool: web.pool, echo: [`${HOST}:${await echo.port}`] };
      return lab;
    } catch (thrown) {
      await lab.close();
      throw thrown;
    }
  }

  async start(name: SubjectName, threads: number): Promise<Open> {
    const backends = this.#backends;
    if (backends === undefined) throw new Error('the backends have not started');
    if (name === 'direct') return direct(backends);
    const subject = BALANCERS[name];
    const folder = join(this.folder, `${name}-${++this.#count}`);
    mkdirSync(folder);
    const ports = await freePorts(SERVICES.length);
    const services = SERVICES.map((service, index): Service => ({
      name: service,
      port: ports[index] ?? 0,
      backends: backends[service],
    }));
    const layout: Layout = { folder, threads, services };
    const configFile = join(folder, subject.configName);
    writeFileSync(configFile, subject.config(layout));

    const startedAt = performance.now();
    const child = new Child(subject.title, subject.command(layout, configFile));
    const open: Open = {
      name,
      port: (service) => ports[SERVICES.indexOf(service)] ?? 0,
      cpuSeconds: () => cpuSeconds(processTree(child.pid)),
      memory: () => memory(processTree(child.pid)),
      get startMs() {
        return startMs;
      },
    };
    let startMs = Number.NaN;
    this.#children.set(open, [child]);
    await untilAnswers(open.port('web'), child);
    startMs = performance.now() - startedAt;
    return open;
  }

  async stop(open: Open): Promise<void> {
    const children = this.#children.get(open) ?? [];
    await Promise.all(children.map((child) => child.stop()));
    this.#children.delete(open);
  }

  /** Stops everything and leaves no file. */
  async close(): Promise<void> {
    await Promise.all([...this.#children.values()].flat().map((child) => child.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function direct(backends: Readonly<Record<ServiceName, readonly string[]>>): Open {
  return {
    name: 'direct',
    port: (service) => Number(/:(\d+)$/.exec(backends[service][0] ?? '')?.[1]),
    cpuSeconds: () => 0,
    memory: () => ({ rssKib: 0, privateKib: 0 }),
    startMs: 0,
  };
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(SHARED_MEMORY, 'tslb-bench-'));
  } catch {
    // A system without it, or a reader's own folder only.
    return mkdtempSync(join(tmpdir(), 'tslb-bench-'));
  }
}
