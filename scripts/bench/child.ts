import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

import { systemClock } from '../../src/core/clock.ts';
import { asError, errorCode } from '../../src/core/errors.ts';

/** A program that ends in peace does so sooner. */
const GRACE_MS = 3000;

/** Of what a program said, kept for the message when it fails. */
const KEPT_BYTES = 4096;

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * A program that runs beside this one, in a process group of its own: a terminal's Ctrl-C reaches this program alone,
 * which then stops the others in their order, with all they have started.
 */
export class Child {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #name: string;
  readonly #lines: Interface;
  readonly #ended: Promise<void>;
  #said = '';
  #hasEnded = false;
  #isStopped = false;

  constructor(name: string, { program, args }: Command) {
    this.#name = name;
    this.#child = spawn(program, args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#ended = once(this.#child, 'close').then(
      () => void (this.#hasEnded = true),
      (thrown: unknown) => {
        this.#hasEnded = true;
        this.#keep(String(thrown));
      },
    );
    this.#child.stderr.on('data', (chunk: Buffer) => this.#keep(chunk.toString()));
    // One that has ended reads no more; its end says it better.
    this.#child.stdin.on('error', () => undefined);
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#lines.on('line', (line) => this.#keep(`${line}\n`));
  }

  /** @throws Error when it did not start */
  get pid(): number {
    if (this.#child.pid === undefined) throw this.failure();
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The next line it prints. @throws Error when it ends first, or of the signal */
  async line(signal: AbortSignal): Promise<string> {
    const over = new AbortController();
    void this.#ended.then(() => over.abort(this.failure()));
    try {
      const [text] = (await once(this.#lines, 'line', { signal: AbortSignal.any([over.signal, signal]) })) as [string];
      return text;
    } catch (thrown) {
      throw asError(thrown).cause ?? thrown;
    }
  }

  /** Tells it to go on: our own programs wait for the end of their input. */
  finishInput(): void {
    this.#child.stdin.end();
  }

  failure(): Error {
    return new Error(`${this.#name} ended too soon${this.#said === '' ? '' : `; it said:\n${this.#said.trimEnd()}`}`);
  }

  /** Ends it and all it has started. Safe to call twice. */
  async stop(): Promise<void> {
    const { pid } = this.#child;
    // Later the number may be another's.
    if (pid === undefined || this.#isStopped) return;
    this.#isStopped = true;
    if (!this.#hasEnded) {
      signalGroup(pid, 'SIGTERM');
      const timer = systemClock.after(GRACE_MS, () => signalGroup(pid, 'SIGKILL'));
      await this.#ended;
      timer.cancel();
    }
    signalGroup(pid, 'SIGKILL');
  }

  #keep(text: string): void {
    this.#said = (this.#said + text).slice(-KEPT_BYTES);
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (thrown) {
    // Nobody left: that is what was wanted.
    if (errorCode(thrown) !== 'ESRCH') throw thrown;
  }
}
