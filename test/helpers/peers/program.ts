import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

import { toolPath } from '../../../scripts/bench/tools.ts';
import type { IpAddress } from '../../../src/core/address.ts';
import { temporaryFolder } from '../processes/cli.ts';
import { openDialogue } from './dialogue.ts';
import { ownHeader } from './check-headers.ts';

/** What a program gets before it is killed. */
const STOPS_MS = 5000;
/** Between two attempts to connect. */
const ATTEMPT_MS = 20;

export interface ProgramOptions {
  readonly args: readonly string[];
  /** Of `peerFolder`; its log is there. */
  readonly folder: string;
  /** Takes connections once the program is ready. */
  readonly address: IpAddress;
  /** Wants the PROXY header of each connection. */
  readonly wantsHeader: boolean;
}

/** A folder that a program may enter after it has given up root. */
export function peerFolder(t: TestContext): string {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755);
  return folder;
}

/** A program of Debian's in the foreground, started by the test with a configuration of the test's own. */
export class PeerProgram {
  readonly #name: string;
  readonly #log: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(name: string, args: readonly string[], folder: string) {
    this.#name = name;
    this.#log = join(folder, 'output.log');
    // A file: none can open /dev/stderr where that is one of Node's pipes.
    const log = openSync(this.#log, 'a');
    // A group of its own, so that a kill takes its children too.
    this.#child = spawn(toolPath(name) ?? name, args, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    this.#exited = once(this.#child, 'exit').catch(() => undefined);
  }

  /** What it has said on both streams. */
  get lines(): readonly string[] {
    return readFileSync(this.#log, 'utf8').split('\n').filter(Boolean);
  }

  /** Resolves when it takes a connection. @throws Error with what it said, when it ended before */
  async takes({ address, wantsHeader }: Pick<ProgramOptions, 'address' | 'wantsHeader'>): Promise<void> {
    for (;;) {
      const dialogue = await openDialogue(address).catch(() => undefined);
      if (dialogue !== undefined) {
        // This one is an error in no log.
        if (wantsHeader) dialogue.say(ownHeader(1, dialogue.socket));
        dialogue.socket.destroySoon();
        return;
      }
      if (this.#hasEnded) throw new Error(`${this.#name} ended:\n${this.lines.join('\n')}`);
      await setTimeout(ATTEMPT_MS);
    }
  }

  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.kill('SIGTERM');
    const patience = new AbortController();
    const late = setTimeout(STOPS_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.#exited, late]);
    patience.abort();
    try {
      process.kill(-(this.#child.pid ?? 0), 'SIGKILL');
    } catch {
      // Its children have gone with it.
    }
    await this.#exited;
  }

  get #hasEnded(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** Starts a program and waits until it is ready; it is stopped when the test ends. */
export async function startProgram(t: TestContext, name: string, options: ProgramOptions): Promise<PeerProgram> {
  const program = new PeerProgram(name, options.args, options.folder);
  t.after(() => program.stop());
  await program.takes(options);
  return program;
}

/** What a program prints on both streams, such as its version. */
export async function printed(name: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(toolPath(name) ?? name, args);
  return stdout + stderr;
}
