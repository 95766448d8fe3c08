import type { Worker } from 'node:worker_threads';

/** Threads of this process that are started from now on. */
export function workersStarted(t: { after(run: () => void): void }): readonly Worker[] {
  const workers: Worker[] = [];
  const add = (worker: Worker) => void workers.push(worker);
  process.on('worker', add);
  t.after(() => void process.off('worker', add));
  return workers;
}

/** Ends a thread as a crash would. One that waits in the kernel ends only when it comes back. @param wake has it do so */
export async function killWorker(worker: Worker | undefined, wake: () => void): Promise<void> {
  const ended = worker?.terminate();
  wake();
  await ended;
}
