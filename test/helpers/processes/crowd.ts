import type { CrowdReport, CrowdSetup } from './client-worker.ts';
import { startThread, type TestThread } from './test-thread.ts';

/** Int32 words that all can see: threads that are ready, 1 to stop, tries; then for each client who is inside and who waits. */
export const READY = 0;
export const STOP = 1;
export const TRIES = 2;
export const FIRST_SEEN = 3;

export function seenBytes(clients: number): number {
  return (FIRST_SEEN + 2 * clients) * Int32Array.BYTES_PER_ELEMENT;
}

export function startCrowd(setup: CrowdSetup): TestThread<CrowdReport> {
  return startThread('client-worker', setup);
}
