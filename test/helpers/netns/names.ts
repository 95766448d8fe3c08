import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { runTool, toolPath } from '../../../scripts/bench/tools.ts';

/** Of every namespace of a test; the id of the test's process follows it. */
const PREFIX = 'tslb-test';

/** Where `ip netns` keeps its names. */
const NAMES_FOLDER = '/run/netns';

/** `ip netns exec` binds what stands here in a folder of the namespace's name over the files of /etc. @see ip-netns(8) */
const FILES_FOLDER = '/etc/netns';

/** A namespace of this process. */
export function nameOf(host: string): string {
  return `${PREFIX}-${process.pid}-${host}`;
}

/** Where files of a namespace's own /etc stand. */
export function filesFolderOf(name: string): string {
  return join(FILES_FOLDER, name);
}

/** What comes before a command that is to run in a namespace. It keeps its process id and descriptors. */
export function throughNetns(name: string): readonly string[] {
  return [toolPath('ip') ?? 'ip', 'netns', 'exec', name];
}

/** Runs a tool in a namespace to its end. @returns what it printed @throws Error with that, when it fails */
export async function inNetns(name: string, tool: string, args: readonly string[]): Promise<string> {
  const [ip = '', ...rest] = throughNetns(name);
  return runTool(ip, [...rest, toolPath(tool) ?? tool, ...args]);
}

/** Removes a namespace, and ends what still runs in it. */
export async function removeNamespace(name: string): Promise<void> {
  for (const pid of (await runTool('ip', ['netns', 'pids', name])).split('\n')) if (pid !== '') end(Number(pid));
  await runTool('ip', ['netns', 'del', name]);
  rmSync(filesFolderOf(name), { recursive: true, force: true });
}

/** Removes the namespaces that tests left behind which were killed. */
export async function removeStale(): Promise<void> {
  // One that another test removes at the same moment is gone all the same.
  await Promise.allSettled(namesIn(NAMES_FOLDER).filter(isStale).map(removeNamespace));
  for (const name of namesIn(FILES_FOLDER).filter(isStale))
    rmSync(filesFolderOf(name), { recursive: true, force: true });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // there is none before the first namespace is made
  }
}

/** Whether it belongs to a test whose process is gone. */
function isStale(name: string): boolean {
  const [, pid] = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name) ?? [];
  return pid !== undefined && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
