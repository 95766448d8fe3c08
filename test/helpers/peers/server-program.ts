import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

import { HANGS_MS, killProgram, type ProgramOptions, spawnProgram } from './run-program.ts';

/** A real program in the foreground, killed at the end of the test. */
export class ServerProgram {
  readonly child: ChildProcess;
  readonly #name: string;
  readonly #waiting = new Set<() => void>();
  #said = '';
  #hasEnded = false;

  constructor(name: string, args: readonly string[], options: ProgramOptions) {
    this.#name = name;
    this.child = spawnProgram(name, args, options);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => this.#heard(chunk.toString('latin1')));
    }
    this.child.once('close', () => {
      this.#hasEnded = true;
      this.#heard('');
    });
    this.child.once('error', (error) => this.#heard(`${error.message}\n`));
  }

  /** All that it has said, on both streams. */
  get said(): string {
    return this.#said;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Until it has said so. */
  async says(pattern: RegExp): Promise<void> {
    const timer = setTimeout(() => this.#heard(''), HANGS_MS);
    const began = performance.now();
    try {
      while (!pattern.test(this.#said)) {
        const waits = !this.#hasEnded && performance.now() - began < HANGS_MS;
        if (!waits) throw new Error(`${this.#name} did not say ${pattern.source}:\n${this.#said}`);
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws with what it said, where it has ended */
  assertRuns(): void {
    if (this.#hasEnded) throw new Error(`${this.#name} ended:\n${this.#said}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.#hasEnded || this.child.pid === undefined) return;
    const ended = once(this.child, 'close');
    killProgram(this.child);
    await ended;
  }

  #heard(text: string): void {
    this.#said += text;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** Starts a server in the foreground; the caller waits until it serves. */
export function startServerProgram(
  t: TestContext,
  name: string,
  args: readonly string[],
  options: ProgramOptions = {},
): ServerProgram {
  const program = new ServerProgram(name, args, options);
  t.after(() => program.kill());
  return program;
}

/** Asks again and again until the answer is there; the program must not end meanwhile. */
export async function untilServes(program: ServerProgram, isServed: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await isServed())) {
    program.assertRuns();
    if (performance.now() - began > HANGS_MS) throw new Error(`it serves nothing:\n${program.said}`);
  }
}
