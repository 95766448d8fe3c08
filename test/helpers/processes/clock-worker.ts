import { parentPort } from 'node:worker_threads';

import { sharedOffsetMs } from '../../../src/core/shared-clock.ts';

/** One moment, in milliseconds. */
export interface ClockReading {
  /** By the thread's own clock. */
  readonly own: number;
  readonly shared: number;
}

parentPort?.on('message', () => {
  const own = performance.now();
  parentPort?.postMessage({ own, shared: own + sharedOffsetMs() } satisfies ClockReading);
});
