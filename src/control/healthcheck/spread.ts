import type { Random } from '../../core/random.ts';

/** So many backends or more spread over the whole interval. */
const WHOLE_INTERVAL = 100;
/** Of an interval, to either side. */
const JITTER = 0.05;

/**
 * When each of a batch of backends is first checked, in milliseconds from now: evenly, each at random within its part,
 * over as many hundredths of the interval as there are backends. Few are known at once, and many come in no herd.
 */
export function spread(count: number, intervalMs: number, random: Random): readonly number[] {
  const part = (intervalMs * Math.min(1, count / WHOLE_INTERVAL)) / count;
  return Array.from({ length: count }, (_, index) => part * (index + random()));
}

/** An interval, a little more or less, so that what once came together does not stay together. */
export function jittered(intervalMs: number, random: Random): number {
  return intervalMs * (1 + JITTER * (2 * random() - 1));
}
