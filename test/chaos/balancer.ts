import { join } from 'node:path';
import type { TestContext } from 'node:test';

import type { EngineKind } from '../../src/data/engines/registry.ts';
import { startTslb, temporaryFolder, type Tslb } from '../helpers/processes/cli.ts';
import { usageOf, type Usage } from '../helpers/processes/tools.ts';
import type { AccessLine } from '../helpers/rigs/plane.ts';
import { ask } from '../helpers/sockets/web.ts';
import { configOf, type ConfigChoice } from './config.ts';
import type { Site } from './site.ts';

/** A line of the log that is no access line. */
export interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly backend?: string;
}

/** What it holds, as it says itself and as the kernel does. */
export interface BalancerState extends Usage {
  readonly active: number;
  readonly waiting: number;
  readonly backendsActive: readonly number[];
  readonly accepted: number;
}

export interface BalancerEvents {
  readonly onAccess: (line: AccessLine) => void;
  readonly onLog: (line: LogLine) => void;
  /** What is no log line: a thread's last words, say. */
  readonly onNoise: (text: string) => void;
}

/** The built command in its host, which is asked by its API on a unix socket. */
export class Balancer {
  readonly #running: Tslb;
  readonly #site: Site;
  readonly #engine: EngineKind;
  readonly #api: string;

  constructor(running: Tslb, { site, engine, api }: { site: Site; engine: EngineKind; api: string }) {
    this.#running = running;
    this.#site = site;
    this.#engine = engine;
    this.#api = api;
  }

  get pid(): number {
    return this.#running.pid;
  }

  signal(signal: NodeJS.Signals): void {
    this.#running.signal(signal);
  }

  async reload(choice: ConfigChoice): Promise<void> {
    await this.#running.reload(configOf(this.#site, this.#engine, this.#api, choice), /"msg":"(not )?reloaded/);
  }

  usage(): Usage {
    return usageOf(this.pid);
  }

  async state(): Promise<BalancerState> {
    const { body } = await ask({ path: this.#api }, '/v1/servers/web');
    const { server } = JSON.parse(body) as { server: ServerBody };
    const { active, waiting, accepted, backends } = server;
    return { ...this.usage(), active, waiting, accepted, backendsActive: backends.map((each) => each.active) };
  }
}

interface ServerBody {
  readonly active: number;
  readonly waiting: number;
  readonly accepted: number;
  readonly backends: readonly { readonly active: number }[];
}

export interface BalancerOptions extends BalancerEvents {
  readonly engine: EngineKind;
}

/** Starts it and waits until it listens; killed at the end of the test. */
export async function startBalancer(t: TestContext, site: Site, options: BalancerOptions): Promise<Balancer> {
  const { engine } = options;
  const api = join(temporaryFolder(t), 'api.sock');
  const running = await startTslb(t, configOf(site, engine, api, { balance: 'weight', weights: [1, 1, 1] }), {
    through: site.balancer.through,
    ready: /"msg":"started"/,
    onLine: (text) => told(text, options),
  });
  return new Balancer(running, { site, engine, api });
}

function told(text: string, { onAccess, onLog, onNoise }: BalancerEvents): void {
  const line = parsed(text);
  if (line === undefined) onNoise(text);
  else if ('client' in line && 'rxBytes' in line) onAccess(line as AccessLine);
  else onLog(line as LogLine);
}

function parsed(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined; // no line of the log
  }
}
