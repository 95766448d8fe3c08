import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { type Outcome, startTslb, temporaryFolder, type Tslb, tslb } from './cli.ts';

/** A balancer with its API on a unix socket, and the command that asks it. */
export interface Steered {
  readonly running: Tslb;
  /** As TSLB_API has it. */
  readonly api: string;
  /** Its section of the configuration, for one to reload. */
  readonly section: string;
  /** Runs `tslb ctl` to its end. */
  readonly ctl: (...args: readonly string[]) => Promise<Outcome>;
  /** What it prints on stdout; fails where it does not end well. */
  readonly said: (...args: readonly string[]) => Promise<string>;
  /** The answer of the API. */
  readonly json: (...args: readonly string[]) => Promise<unknown>;
}

/** @param servers the sections of its servers */
export async function startSteered(t: TestContext, servers: string): Promise<Steered> {
  const api = `unix:${join(temporaryFolder(t), 'api.sock')}`;
  const section = `[api]\nenabled = true\nbind = "${api}"\n`;
  const running = await startTslb(t, section + servers);
  const ctl = (...args: readonly string[]) => tslb(['ctl', ...args], { env: { TSLB_API: api } });
  const said = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await ctl(...args);
    if (code === 0) return stdout;
    throw new Error(`tslb ctl ${args.join(' ')} ended with ${code}: ${stderr}`);
  };
  const json = async (...args: readonly string[]) => JSON.parse(await said(...args, '--json')) as unknown;
  return { running, api, section, ctl, said, json };
}

/** The rows of a table that `tslb ctl` has printed, by the titles of its columns, which are never empty themselves. */
export function tableRowsOf(table: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = table.trimEnd().split('\n');
  const titles = [...head.matchAll(/\S+(?: \S+)*/g)].map(([title]) => title);
  return lines.map((line) => {
    const cells = line.split(/ {2,}/).map((cell) => cell.trim());
    return Object.fromEntries(titles.map((title, index) => [title, cells[index] ?? '']));
  });
}
