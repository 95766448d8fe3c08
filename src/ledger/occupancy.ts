/** The two words of an occupancy in shared memory: connections that are in use now, and the most that were at once. */
const IN_USE = 0;
const PEAK = 1;

/**
 * Reserves a connection. Compare and swap rather than add and undo: an add that is undone could turn away another thread
 * for no reason.
 * @param limit 0 is none @returns false at the limit
 */
export function reserve(words: Int32Array, occupancy: number, limit: number): boolean {
  if (limit === 0) {
    raisePeak(words, occupancy, Atomics.add(words, occupancy + IN_USE, 1) + 1);
    return true;
  }
  for (;;) {
    const inUse = Atomics.load(words, occupancy + IN_USE);
    if (inUse >= limit) return false;
    if (Atomics.compareExchange(words, occupancy + IN_USE, inUse, inUse + 1) !== inUse) continue;
    raisePeak(words, occupancy, inUse + 1);
    return true;
  }
}

export function release(words: Int32Array, occupancy: number, count: number): void {
  Atomics.sub(words, occupancy + IN_USE, count);
}

/**
 * The peak begins again at what is in use now. A thread that saw the peak of before had reserved before it is forgotten
 * here, and so its connection is among those in use that are read after that.
 */
export function resetPeak(words: Int32Array, occupancy: number): void {
  Atomics.store(words, occupancy + PEAK, 0);
  raisePeak(words, occupancy, Atomics.load(words, occupancy + IN_USE));
}

export function inUseAt(words: Int32Array, occupancy: number): number {
  return Atomics.load(words, occupancy + IN_USE);
}

export function peakAt(words: Int32Array, occupancy: number): number {
  return Atomics.load(words, occupancy + PEAK);
}

function raisePeak(words: Int32Array, occupancy: number, to: number): void {
  let peak = Atomics.load(words, occupancy + PEAK);
  while (peak < to) {
    const seen = Atomics.compareExchange(words, occupancy + PEAK, peak, to);
    if (seen === peak) return;
    peak = seen;
  }
}
