import { systemClock } from '../../src/core/clock.ts';

/** Keeps the process alive no longer than something else does. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}
