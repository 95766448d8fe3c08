import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IpAddress } from '../../../src/core/address.ts';
import type { Host } from '../netns/host.ts';
import type { AccessLine, LogRecord } from '../rigs/plane.ts';
import type { DaemonCommand, DaemonMessage, DaemonState } from './daemon-process.ts';

export type { DaemonState } from './daemon-process.ts';

/**
 * Has glibc give freed buffers back to the system, so that RSS tells what is in use: else it keeps them, scattered over
 * an arena for each thread. @see mallopt(3)
 */
const ENVIRONMENT = { ...process.env, MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: String(4 * 1024) };

const PROGRAM = fileURLToPath(new URL(`./daemon-process${extname(import.meta.url)}`, import.meta.url));

export interface DaemonOptions {
  readonly onAccess?: (line: AccessLine) => void;
  readonly onLog?: (record: LogRecord) => void;
  /** In which it runs; else where the test does. */
  readonly host?: Host;
}

interface Asker {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A balancer with one server in a process of its own: its pool, data plane and threads, which can be asked. */
export class DaemonProcess {
  /** By bind, in the order of the configuration. */
  addresses: readonly IpAddress[] = [];
  readonly #child: ChildProcess;
  readonly #askers = new Map<number, Asker>();
  #asked = 0;

  constructor(threads: number, { onAccess, onLog, host }: DaemonOptions) {
    const execArgv = [...(host?.through ?? []), process.execPath, '--expose-gc'];
    const execPath = execArgv.shift();
    this.#child = fork(PROGRAM, [String(threads)], {
      ...(execPath !== undefined && { execPath }),
      execArgv,
      env: ENVIRONMENT,
    });
    this.#child.on('message', (message: DaemonMessage) => {
      if (message.type === 'log') onLog?.(message.record);
      else if (message.type === 'answer') this.#asker(message.to).resolve(message.value);
      else if (message.type === 'failed') this.#asker(message.to).reject(new Error(message.reason));
      else for (const line of message.lines.trimEnd().split('\n')) onAccess?.(JSON.parse(line) as AccessLine);
    });
    this.#child.once('exit', (code, signal) => {
      const error = new Error(`the process ended with ${String(code ?? signal)}`);
      for (const { reject } of this.#askers.values()) reject(error);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Makes this the configuration. */
  async apply(toml: string): Promise<void> {
    const opened = (await this.#ask({ type: 'apply', toml })) as readonly IpAddress[];
    this.addresses = [...this.addresses, ...opened];
  }

  async state(): Promise<DaemonState> {
    return (await this.#ask({ type: 'state' })) as DaemonState;
  }

  /** Has the access log hand on what it has gathered. */
  async flush(): Promise<void> {
    await this.#ask({ type: 'flush' });
  }

  /** @returns the code that it ended with */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, 'exit') as Promise<[number | null]>;
    // Its end is the answer. Not by disconnect(): with half a message read, node never closes the channel.
    this.#ask({ type: 'stop' }).catch(() => undefined);
    return (await ended)[0];
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(command: DaemonCommand): Promise<unknown> {
    this.#asked += 1;
    const number = this.#asked;
    return new Promise((resolve, reject) => {
      this.#askers.set(number, { resolve, reject });
      this.#child.send({ number, command });
    });
  }

  #asker(number: number): Asker {
    const asker = this.#askers.get(number);
    if (asker === undefined) throw new RangeError(`nobody asked number ${number}`);
    this.#askers.delete(number);
    return asker;
  }
}

/** @param toml one server, which binds by address */
export async function startDaemon(toml: string, threads: number, options: DaemonOptions = {}): Promise<DaemonProcess> {
  const daemon = new DaemonProcess(threads, options);
  try {
    await daemon.apply(toml);
  } catch (thrown) {
    daemon.kill();
    throw thrown;
  }
  return daemon;
}
