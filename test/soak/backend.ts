import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackendArguments, BackendCommand, BackendMessage } from './backend-process.ts';
import { Spans } from './spans.ts';

const PROGRAM = fileURLToPath(new URL(`./backend-process${extname(import.meta.url)}`, import.meta.url));

/** Starts a Node program with an IPC channel. */
type Fork = (program: string, args: readonly string[]) => ChildProcess;

interface BackendOptions {
  /** Told of bytes that came differently, and of connections beyond the limit. */
  readonly onFault: (fault: string) => void;
  /** Where it runs; on this host unless said. */
  readonly fork?: Fork;
}

/** A backend in a process of its own, which may be killed and come back. */
export class Backend {
  readonly key: string;
  /** From each kill until it listens again. */
  readonly deaths = new Spans();
  readonly #arguments: BackendArguments;
  readonly #onFault: (fault: string) => void;
  readonly #fork: Fork;
  #limit: number | undefined;
  #child: ChildProcess | undefined;

  constructor(args: BackendArguments, { onFault, fork: start = forkHere }: BackendOptions) {
    this.key = args.key;
    this.#arguments = args;
    this.#onFault = onFault;
    this.#fork = start;
  }

  get isAlive(): boolean {
    return this.#child !== undefined;
  }

  async start(): Promise<void> {
    const child = this.#fork(PROGRAM, [JSON.stringify(this.#arguments)]);
    const listening = new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`backend ${this.key} ended with code ${String(code)}`)));
      child.on('message', (message: BackendMessage) => {
        if (message === 'listening') resolve();
        else this.#onFault(`${this.key}: ${JSON.stringify(message)}`);
      });
    });
    await listening;
    this.deaths.end();
    this.#child = child;
    this.limit(this.#limit);
  }

  /** From now on it finds fault with more connections than these. */
  limit(limit: number | undefined): void {
    this.#limit = limit;
    if (this.#child?.connected === true) this.#child.send({ limit } satisfies BackendCommand);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    this.deaths.begin();
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

function forkHere(program: string, args: readonly string[]): ChildProcess {
  return fork(program, args, { execArgv: [] });
}
