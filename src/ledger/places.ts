/** Where in its two words of shared memory: places that are taken, and the most that ever were. */
const TAKEN = 0;
const PEAK = 1;

/**
 * Takes a place. Compare and swap rather than add and undo: an add that is undone could turn away another thread for no
 * reason.
 * @param limit 0 is none @returns false at the limit
 */
export function reserve(words: Int32Array, places: number, limit: number): boolean {
  if (limit === 0) {
    raisePeak(words, places, Atomics.add(words, places + TAKEN, 1) + 1);
    return true;
  }
  for (;;) {
    const taken = Atomics.load(words, places + TAKEN);
    if (taken >= limit) return false;
    if (Atomics.compareExchange(words, places + TAKEN, taken, taken + 1) !== taken) continue;
    raisePeak(words, places, taken + 1);
    return true;
  }
}

export function release(words: Int32Array, places: number, count: number): void {
  Atomics.sub(words, places + TAKEN, count);
}

/**
 * The peak begins again at what is taken now. Whoever has taken a place and saw the peak of before had it before the peak
 * is forgotten, and so it is among those that are counted after that.
 */
export function resetPeak(words: Int32Array, places: number): void {
  Atomics.store(words, places + PEAK, 0);
  raisePeak(words, places, Atomics.load(words, places + TAKEN));
}

export function takenAt(words: Int32Array, places: number): number {
  return Atomics.load(words, places + TAKEN);
}

export function peakAt(words: Int32Array, places: number): number {
  return Atomics.load(words, places + PEAK);
}

function raisePeak(words: Int32Array, places: number, to: number): void {
  let peak = Atomics.load(words, places + PEAK);
  while (peak < to) {
    const seen = Atomics.compareExchange(words, places + PEAK, peak, to);
    if (seen === peak) return;
    peak = seen;
  }
}
