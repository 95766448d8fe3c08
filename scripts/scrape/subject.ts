import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import { Agent, request } from 'undici';

import { systemClock } from '../../src/core/clock.ts';
import { Child } from '../bench/child.ts';
import { startEcho } from '../bench/ping/programs.ts';
import { freePorts, HOST } from '../bench/ports.ts';
import { parseThreadSeconds } from '../bench/usage.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const METRICS = 'http://tslb/metrics';
const START_LIMIT_MS = 60_000;
const TRY_EVERY_MS = 100;

/** Of what a scrape brings. */
export interface Scrape {
  readonly bytes: number;
  readonly samples: number;
  /** Until its last byte had come. */
  readonly wallMs: number;
}

interface Parts {
  readonly port: number;
  readonly child: Child;
  readonly echo: Child;
  readonly folder: string;
}

/** A tslb of its own with many backends, of which the first sends back what it gets and takes all connections. */
export class Subject {
  readonly port: number;
  readonly #child: Child;
  readonly #echo: Child;
  readonly #folder: string;
  readonly #agent: Agent;

  private constructor({ port, child, echo, folder }: Parts) {
    this.port = port;
    this.#child = child;
    this.#echo = echo;
    this.#folder = folder;
    this.#agent = new Agent({ connect: { socketPath: socketIn(folder) } });
  }

  /** @throws Error when it does not start */
  static async start(backends: number): Promise<Subject> {
    const folder = mkdtempSync(join(tmpdir(), 'tslb-scrape-'));
    const { child: echo, port: echoPort } = startEcho();
    const [port = 0] = await freePorts(1);
    const config = join(folder, 'tslb.toml');
    writeFileSync(config, configText(port, socketIn(folder), listOf(await echoPort, backends)));
    const child = new Child('tslb', { program: execPath, args: [MAIN, 'start', '-c', config] });
    const subject = new Subject({ port, child, echo, folder });
    try {
      await subject.#answers(AbortSignal.timeout(START_LIMIT_MS));
      return subject;
    } catch (thrown) {
      await subject.stop();
      throw thrown;
    }
  }

  async scrape(): Promise<Scrape> {
    const startedAt = performance.now();
    const { statusCode, body } = await request(METRICS, { dispatcher: this.#agent });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`a scrape answers ${statusCode}`);
    const wallMs = performance.now() - startedAt;
    return { bytes: text.length, samples: text.match(/^[^#\n]/gm)?.length ?? 0, wallMs };
  }

  /** Resolves when it tells of its server, which listens then. */
  async #answers(signal: AbortSignal): Promise<void> {
    while (!(await this.#tellsOfServer())) {
      if (this.#child.hasEnded) throw this.#child.failure();
      signal.throwIfAborted();
      await new Promise<void>((resolve) => systemClock.after(TRY_EVERY_MS, resolve));
    }
  }

  async #tellsOfServer(): Promise<boolean> {
    try {
      const { body } = await request(METRICS, { dispatcher: this.#agent });
      return (await body.text()).includes('tslb_server_info{');
    } catch {
      return false; // it does not listen yet
    }
  }

  /** Processor time of the main thread so far, in milliseconds: what a scrape holds it up, however busy the machine is. */
  mainThreadMs(): number {
    const { pid } = this.#child;
    return parseThreadSeconds(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1')) * 1000;
  }

  async stop(): Promise<void> {
    await this.#agent.destroy();
    await this.#child.stop();
    await this.#echo.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function socketIn(folder: string): string {
  return join(folder, 'metrics.sock');
}

/** The others would be asked only when the first is full. */
function listOf(echoPort: number, backends: number): readonly string[] {
  const others = Array.from({ length: backends - 1 }, (_, index) => `127.1.${index >> 8}.${index & 255}:80 priority=2`);
  return [`${HOST}:${echoPort}`, ...others];
}

function configText(port: number, socketPath: string, list: readonly string[]): string {
  return `[metrics]
enabled = true
bind = "unix:${socketPath}"

[servers.web]
bind = "${HOST}:${port}"

[servers.web.discovery]
kind = "static"
static_list = ${JSON.stringify(list)}
`;
}
