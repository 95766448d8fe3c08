import { readdirSync, readFileSync } from 'node:fs';

/** Stops a process. Resolves when all of its threads stand still. */
export async function standStill(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  while (!readdirSync(`/proc/${pid}/task`).every((thread) => isStopped(`/proc/${pid}/task/${thread}/stat`))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function goOn(pid: number): void {
  process.kill(pid, 'SIGCONT');
}

/** `pid (name) state …`, where the name may hold anything. */
function isStopped(stat: string): boolean {
  return readFileSync(stat, 'latin1').split(') ').at(-1)?.startsWith('T') === true;
}
