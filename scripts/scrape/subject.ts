import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import { Agent, request } from 'undici';

import { Child } from '../bench/child.ts';
import { startEcho } from '../bench/ping/programs.ts';
import { freePorts, HOST } from '../bench/ports.ts';
import { parseThreadSeconds } from '../bench/usage.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const START_LIMIT_MS = 30_000;

/** Of what a scrape brings. */
export interface Scrape {
  readonly bytes: number;
  readonly samples: number;
  /** Until its last byte had come. */
  readonly wallMs: number;
}

/** A tslb of its own with many backends, of which the first sends back what it gets and takes all connections. */
export class Subject {
  readonly port: number;
  readonly #child: Child;
  readonly #echo: Child;
  readonly #folder: string;
  readonly #agent: Agent;

  private constructor(parts: { port: number; child: Child; echo: Child; folder: string; agent: Agent }) {
    this.port = parts.port;
    this.#child = parts.child;
    this.#echo = parts.echo;
    this.#folder = parts.folder;
    this.#agent = parts.agent;
  }

  /** @throws Error when it does not start */
  static async start(backends: number): Promise<Subject> {
    const folder = mkdtempSync(join(tmpdir(), 'tslb-scrape-'));
    const { child: echo, port: echoPort } = startEcho();
    const [port = 0] = await freePorts(1);
    const socketPath = join(folder, 'metrics.sock');
    const config = join(folder, 'tslb.toml');
    writeFileSync(config, configText({ port, socketPath, list: listOf(await echoPort, backends) }));
    const child = new Child('tslb', { program: execPath, args: [MAIN, 'start', '-c', config] });
    const signal = AbortSignal.timeout(START_LIMIT_MS);
    while (!/\bstarted\b/.test(await child.line(signal)));
    return new Subject({ port, child, echo, folder, agent: new Agent({ connect: { socketPath } }) });
  }

  async scrape(): Promise<Scrape> {
    const startedAt = performance.now();
    const { statusCode, body } = await request('http://tslb/metrics', { dispatcher: this.#agent });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`a scrape answers ${statusCode}`);
    const wallMs = performance.now() - startedAt;
    return { bytes: text.length, samples: text.match(/^[^#\n]/gm)?.length ?? 0, wallMs };
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

/** The others would be asked only when the first is full. */
function listOf(echoPort: number, backends: number): readonly string[] {
  const others = Array.from({ length: backends - 1 }, (_, index) => `127.1.${index >> 8}.${index & 255}:80 priority=2`);
  return [`${HOST}:${echoPort}`, ...others];
}

interface Wanted {
  readonly port: number;
  readonly socketPath: string;
  readonly list: readonly string[];
}

function configText({ port, socketPath, list }: Wanted): string {
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
