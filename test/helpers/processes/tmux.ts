import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

import { MAIN, temporaryFolder } from './cli.ts';

const run = promisify(execFile);

/** Longer than anything here takes on a busy machine. */
const HANGS_MS = 40_000;
const PROMPT = 'ready$';

export interface PaneOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A real terminal with a shell in it: one pane of a tmux of its own, which ends with the test. */
export class Pane {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Types text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', text);
  }

  /** Presses keys by tmux's names: `Enter`, `Down`, `C-c`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  /** Runs a line in the shell. */
  async enter(line: string): Promise<void> {
    await this.type(line);
    await this.press('Enter');
  }

  /** The screen as a person sees it, without colours. */
  async screen(): Promise<string> {
    return this.#tmux('capture-pane', '-p');
  }

  /** The screen with its escape sequences. */
  async colours(): Promise<string> {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  /** Sends a signal to what runs in the pane, below its shell. */
  async kill(signal: string): Promise<void> {
    const { stdout } = await run('pgrep', ['-P', await this.fact('pane_pid')]);
    process.kill(Number(stdout.trim()), `SIG${signal}`);
  }

  /** Looks until the screen is as it should be. @returns the screen */
  async shows(pattern: RegExp): Promise<string> {
    return this.#until(
      `shows ${String(pattern)}`,
      () => this.screen(),
      (screen) => pattern.test(screen),
    );
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What tmux knows of the pane: `alternate_on`, `cursor_flag`, `pane_tty`, … */
  async fact(name: string): Promise<string> {
    return (await this.#tmux('display-message', '-p', `#{${name}}`)).trim();
  }

  /** Looks until the pane has no other screen and shows its cursor and the prompt. */
  async isGivenBack(): Promise<string> {
    const look = async () =>
      `${await this.fact('alternate_on')}${await this.fact('cursor_flag')} ${await this.screen()}`;
    return this.#until('is given back', look, (found) => found.startsWith('01') && found.trimEnd().endsWith(PROMPT));
  }

  /** How the kernel treats what is typed: `icanon`, or `-icanon` for key by key. */
  async modes(): Promise<ReadonlySet<string>> {
    const { stdout } = await run('stty', ['-a', '-F', await this.fact('pane_tty')]);
    return new Set(stdout.split(/[\s;]+/));
  }

  async #until(what: string, look: () => Promise<string>, holds: (found: string) => boolean): Promise<string> {
    const end = performance.now() + HANGS_MS;
    for (;;) {
      const found = await look();
      if (holds(found)) return found;
      if (performance.now() > end) throw new Error(`the terminal never ${what}:\n${found}`);
    }
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('tmux', ['-S', this.#socket, ...args]);
    return stdout;
  }
}

/** Opens a terminal of a known size. `tslb` is the built command in it. */
export async function openPane(t: TestContext, options: PaneOptions = {}): Promise<Pane> {
  const { columns = 120, rows = 24, env = {} } = options;
  const socket = join(temporaryFolder(t), 'tmux');
  const variables = Object.entries({ TERM: 'tmux-256color', PS1: PROMPT, ...env });
  // Its own line editor would read key by key, too.
  const shell = ['bash', '--norc', '--noprofile', '--noediting', '-i'];
  execFileSync('tmux', [
    ...['-S', socket, '-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows)],
    ...['env', '-u', 'NO_COLOR', '-u', 'GOBETWEEN', ...variables.map(([name, value]) => `${name}=${value}`), ...shell],
  ]);
  const pane = new Pane(socket);
  const server = Number(await pane.fact('pid'));
  // By its number: hooks run in the order in which they were given, and the folder of its socket is gone by then.
  t.after(() => {
    try {
      process.kill(server, 'SIGKILL');
    } catch {
      // It has ended with its shell.
    }
  });
  await pane.shows(/^ready\$/m);
  await pane.enter(`tslb() { '${process.execPath}' '${MAIN}' "$@"; }; clear`);
  await pane.shows(/^ready\$\s*$/);
  return pane;
}
