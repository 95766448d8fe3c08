import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { untilAnswers } from './answers.ts';
import { Child } from './child.ts';
import { startDatagramBackends } from './datagrams/programs.ts';
import { startHelloBackend } from './hello/programs.ts';
import { startEcho } from './ping/programs.ts';
import { freePorts, HOST } from './ports.ts';
import { type BalancerName, BALANCERS, type SubjectName } from './subjects/registry.ts';
import { type Service, type ServiceName, SERVICE_NAMES, SERVICES, type Subject } from './subjects/subject.ts';
import { cpuSeconds, memory, type Memory, processTree } from './usage.ts';
import { startWebServers } from './web-servers.ts';

/** Memory, where there is a folder of it; a body then comes from no disk. */
const SHARED_MEMORY = '/dev/shm';

const NEED_KOFFI: readonly ServiceName[] = SERVICE_NAMES.filter((name) => !['web', 'echo', 'pool'].includes(name));

/** A way to the backends that is open. */
export interface Open {
  readonly name: SubjectName;
  /** From the start of its program to its first answer. */
  readonly startMs: number;
  /** Of 127.0.0.1. */
  port(service: ServiceName): number;
  /** Processor time so far, of the balancer with all its processes; of none, 0. */
  cpuSeconds(): number;
  memory(): Memory;
  stop(): Promise<void>;
}

/** How a balancer is set up. */
export interface Setting {
  readonly threads: number;
  readonly services: readonly ServiceName[];
}

type Backends = Readonly<Partial<Record<ServiceName, readonly string[]>>>;

/** The backends, and whatever stands before them. */
export class Lab {
  /** For files of a run; gone at the end. */
  readonly folder = makeFolder();
  readonly #children: Child[] = [];
  #backends: Backends | undefined;
  #started = 0;

  /** Starts two web servers, an echo, and what else the services need. @throws Error when one does not start; all are stopped then */
  static async open(services: readonly ServiceName[]): Promise<Lab> {
    const lab = new Lab();
    try {
      const keep = (child: Child): void => void lab.#children.push(child);
      const web = await startWebServers(lab.folder, keep);
      const echo = startEcho();
      keep(echo.child);
      lab.#backends = {
        web: web.backends,
        pool: web.pool,
        echo: [`${HOST}:${await echo.port}`],
        ...(await others(services, keep)),
      };
      return lab;
    } catch (thrown) {
      await lab.close();
      throw thrown;
    }
  }

  /** A balancer of its own, with new ports. @throws Error when it does not start */
  async start(name: SubjectName, setting: Setting): Promise<Open> {
    return name === 'direct' ? direct(this.#running()) : this.launch(name, BALANCERS[name], setting);
  }

  /** The same, of a balancer that is set up otherwise. */
  async launch(name: BalancerName, subject: Subject, { threads, services: wanted }: Setting): Promise<Open> {
    const backends = this.#running();
    const layout = {
      folder: join(this.folder, `${name}-${++this.#started}`),
      threads,
      services: await services(
        backends,
        wanted.filter((service) => !subject.lacks.includes(SERVICES[service])),
      ),
    };
    const configFile = join(layout.folder, subject.configName);
    mkdirSync(layout.folder);
    writeFileSync(configFile, subject.config(layout));
    const port = (service: ServiceName): number => layout.services.find(({ name: one }) => one === service)?.port ?? 0;

    const startedAt = performance.now();
    const child = new Child(subject.title, subject.command(layout, configFile));
    this.#children.push(child);
    await untilAnswers(port('web'), child);
    const startMs = performance.now() - startedAt;
    return {
      name,
      startMs,
      port,
      cpuSeconds: () => cpuSeconds(processTree(child.pid)),
      memory: () => memory(processTree(child.pid)),
      stop: () => child.stop(),
    };
  }

  /** Of the first backend of a service, on 127.0.0.1. */
  backendPort(service: ServiceName): number {
    return firstPort(this.#running(), service);
  }

  #running(): Backends {
    if (this.#backends === undefined) throw new Error('the backends have not started');
    return this.#backends;
  }

  /** Stops everything and leaves no file. */
  async close(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Those for hellos and datagrams, which need koffi. */
async function others(services: readonly ServiceName[], keep: (child: Child) => void): Promise<Backends> {
  if (!services.some((service) => NEED_KOFFI.includes(service))) return {};
  const hello = startHelloBackend();
  const datagrams = startDatagramBackends();
  keep(hello.child);
  keep(datagrams.child);
  const addresses = (await hello.ports).map((port) => `${HOST}:${port}`);
  const { echo, sink } = await datagrams.ports;
  return {
    hello: addresses,
    names: addresses,
    'proxy-v1': addresses,
    'proxy-v2': addresses,
    datagrams: [`${HOST}:${echo}`],
    'datagrams-once': [`${HOST}:${echo}`],
    sink: [`${HOST}:${sink}`],
  };
}

async function services(backends: Backends, names: readonly ServiceName[]): Promise<readonly Service[]> {
  const ports = await freePorts(names.length);
  return names.map((name, index) => ({ name, port: ports[index] ?? 0, backends: backends[name] ?? [] }));
}

function firstPort(backends: Backends, service: ServiceName): number {
  return Number(/:(\d+)$/.exec(backends[service]?.[0] ?? '')?.[1]);
}

function direct(backends: Backends): Open {
  return {
    name: 'direct',
    startMs: 0,
    port: (service) => firstPort(backends, service),
    cpuSeconds: () => 0,
    memory: () => ({ rssKib: 0, privateKib: 0 }),
    stop: () => Promise.resolve(),
  };
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(SHARED_MEMORY, 'tslb-bench-'));
  } catch {
    // Not every system has it.
    return mkdtempSync(join(tmpdir(), 'tslb-bench-'));
  }
}
