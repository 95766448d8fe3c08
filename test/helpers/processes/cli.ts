import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { IpAddress } from '../../../src/core/address.ts';

/** The built command, beside the built tests. */
export const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

/** An environment in which the optional package koffi is not installed. */
export const WITHOUT_KOFFI = {
  NODE_OPTIONS: `--require=${JSON.stringify(fileURLToPath(new URL('./without-koffi.cjs', import.meta.url)))}`,
} as const;

/** Longer than anything here takes on a busy machine: who waits so long waits in vain. */
const HANGS_MS = 40_000;

/** As the tests' own, but that it must not hold the balancer's arguments; and no colours. */
const ENVIRONMENT: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', GOBETWEEN: undefined };

export interface Place {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Limits and the like come first: a command that runs what follows it. */
  readonly through?: readonly string[];
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Outcome extends Ending {
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of the test's own, gone when it ends. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tslb-e2e-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file into a folder of the test's own. @returns its path */
export function temporaryFile(t: TestContext, name: string, text: string): string {
  const file = join(temporaryFolder(t), name);
  writeFileSync(file, text);
  return file;
}

/** Waits until a file holds what is looked for. @returns its text */
export async function untilFile(path: string, holds: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const read = (): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
    const watcher = watch(dirname(path), () => check());
    const timer = setTimeout(() => settle(() => reject(new Error(`${path} holds only:\n${read()}`))), HANGS_MS);
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      watcher.close();
      finish();
    };
    const check = (): void => {
      const text = read();
      if (holds(text)) settle(() => resolve(text));
    };
    check();
  });
}

/** Runs the command to its end. One that hangs ends by SIGKILL, which no test expects. */
export async function tslb(args: readonly string[], place: Place = {}): Promise<Outcome> {
  const child = launch(args, place);
  const timer = setTimeout(() => child.kill('SIGKILL'), HANGS_MS);
  const output = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  const [stdout, stderr] = await output;
  return { code, signal, stdout, stderr };
}

/** A server's section. Each `127.0.0.x:0` may stand in a file once; the balancer says which port it got. */
export function serverToml(name: string, backends: readonly string[], keys: Record<string, unknown> = {}): string {
  const all = { bind: '127.0.0.1:0', ...keys };
  const lines = Object.entries(all).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const discovery = ['kind = "static"', `static_list = ${JSON.stringify(backends)}`];
  return [`[servers.${name}]`, ...lines, `[servers.${name}.discovery]`, ...discovery, ''].join('\n');
}

/** A balancer that runs, killed at the end of the test if it still does. */
export class Tslb {
  readonly child: ChildProcess;
  readonly configFile: string;
  /** Resolves when it has ended and all it said has been read. */
  readonly ended: Promise<Ending>;
  /** All that it has said, on both streams. */
  readonly lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #addresses = new Map<string, IpAddress>();
  #claimed = 0;
  #hasEnded = false;

  readonly #onLine: ((line: string) => void) | undefined;

  constructor(child: ChildProcess, configFile: string, onLine?: (line: string) => void) {
    this.child = child;
    this.configFile = configFile;
    this.#onLine = onLine;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#said(line));
    }
    this.ended = once(child, 'close').then(([code, signal]) => {
      this.#hasEnded = true;
      for (const check of this.#waiting) check();
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Where a server got its port 0: its name, and the bind as the file has it where there are several. */
  at(server: string, bind?: string): IpAddress {
    const address = this.#addresses.get(bind === undefined ? server : `${server} ${bind}`);
    if (address === undefined) throw new Error(`${server} does not listen\n${this.lines.join('\n')}`);
    return address;
  }

  /** The next line that matches, after the one that was waited for last. */
  logged(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        finish();
      };
      const fail = (why: string): void =>
        settle(() => reject(new Error(`${why} and did not say ${pattern.source}:\n${this.lines.join('\n')}`)));
      const check = (): void => {
        const index = this.lines.findIndex((line, at) => at >= this.#claimed && pattern.test(line));
        if (index < 0) return this.#hasEnded ? fail('tslb ended') : undefined;
        this.#claimed = index + 1;
        settle(() => resolve(this.lines[index] as string));
      };
      const timer = setTimeout(() => fail('tslb hangs'), HANGS_MS);
      this.#waiting.add(check);
      check();
    });
  }

  has(pattern: RegExp): boolean {
    return this.lines.some((line) => pattern.test(line));
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends SIGTERM. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> {
    this.signal(signal);
    return this.ended;
  }

  /** Writes a new configuration and has it reloaded. @param answer the line that ends the reload */
  async reload(config: string, answer = /: reloaded /): Promise<string> {
    writeFileSync(this.configFile, config);
    this.signal('SIGHUP');
    return this.logged(answer);
  }

  #said(line: string): void {
    this.lines.push(line);
    this.#onLine?.(line);
    const found = /: listening server=(\S+) bind=(\S+) address=(\S+):(\d+)(?:\/udp)?$/.exec(line);
    if (found !== null) {
      const [, server = '', bind = '', host = '', port] = found;
      const address = { ip: host.replace('*', '127.0.0.1').replaceAll(/[[\]]/g, ''), port: Number(port) };
      this.#addresses.set(server, address);
      this.#addresses.set(`${server} ${bind}`, address);
    }
    for (const check of this.#waiting) check();
  }
}

export interface StartOptions extends Place {
  /** Instead of `start -c FILE`; FILE stands for the file. */
  readonly args?: readonly string[];
  readonly fileName?: string;
  /** The line that says it runs. */
  readonly ready?: RegExp;
  /** Told each line, of both streams. */
  readonly onLine?: (line: string) => void;
}

/** Starts a balancer and waits until it listens. */
export async function startTslb(t: TestContext, config: string, options: StartOptions = {}): Promise<Tslb> {
  const running = launchTslb(t, config, options);
  await running.logged(options.ready ?? /: started /);
  return running;
}

/** Starts a balancer and waits for nothing. */
export function launchTslb(t: TestContext, config: string, options: StartOptions = {}): Tslb {
  const { args = ['start', '-c', 'FILE'], fileName = 'tslb.toml' } = options;
  const file = temporaryFile(t, fileName, config);
  const child = launch(
    args.map((arg) => arg.replace('FILE', file)),
    options,
  );
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return new Tslb(child, file, options.onLine);
}

function launch(args: readonly string[], { cwd, env, through = [] }: Place) {
  const [program = '', ...rest] = [...through, process.execPath, MAIN, ...args];
  return spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...ENVIRONMENT, ...env },
    ...(cwd !== undefined && { cwd }),
  });
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk as string;
  return text;
}
