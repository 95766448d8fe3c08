const SAMPLES = 16;

/**
 * What turns this thread's `performance.now()`, which counts from the thread's own start, into milliseconds of the one
 * monotonic clock that all threads of the process share. To be asked once in a thread: it does not change, and asking
 * allocates. Two threads' clocks differ by the time it takes to read one, which is about a microsecond.
 */
export function sharedOffsetMs(): number {
  let offsetMs = 0;
  let narrowestMs = Infinity;
  // Something may come in between while the two clocks are read; the reading that took least is nearest.
  for (let sample = 0; sample < SAMPLES; sample++) {
    const before = performance.now();
    const [seconds, nanoseconds] = process.hrtime();
    const tookMs = performance.now() - before;
    if (tookMs >= narrowestMs) continue;
    narrowestMs = tookMs;
    offsetMs = seconds * 1e3 + nanoseconds / 1e6 - (before + tookMs / 2);
  }
  return offsetMs;
}
