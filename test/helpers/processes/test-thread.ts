import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface TestThread<Report> {
  readonly worker: Worker;
  /** The first message it sends. @throws Error what it threw, or that it ended without one */
  readonly report: Promise<Report>;
}

/** Runs `test/helpers/processes/NAME.ts` in a thread. @param setup its workerData */
export function startThread<Report>(name: string, setup: object): TestThread<Report> {
  const entry = new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(entry, { workerData: setup });
  const report = new Promise<Report>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('a thread ended without a report')));
  });
  // Who ends a thread does not ask for its report.
  report.catch(() => {});
  return { worker, report };
}

/** Comes back in all threads at once, as near as may be. @param word counts who is there; 0 at first */
export function waitForAll(words: Int32Array, word: number, parties: number): void {
  Atomics.add(words, word, 1);
  Atomics.notify(words, word);
  for (let ready = Atomics.load(words, word); ready < parties; ready = Atomics.load(words, word)) {
    Atomics.wait(words, word, ready);
  }
}
