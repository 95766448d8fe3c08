import { statSync } from 'node:fs';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

import type { Clock } from '../../core/clock.ts';
import type { ProcessStats } from '../../core/stats.ts';

/** How often it is looked whether the main thread is held up: each look wakes it. */
const RESOLUTION_MS = 100;
const NANOSECONDS_PER_MS = 1e6;

/** The figures of this process, all its threads together. */
export class ProcessWatch {
  readonly #clock: Clock;
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpuMs: number;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#cpuMs = cpuMs();
    this.#at = clock.now();
    this.#delay.enable();
  }

  /** Of the time since the last call. */
  look(): ProcessStats {
    const now = this.#clock.now();
    const cpu = cpuMs();
    const elapsedMs = now - this.#at;
    const stats = {
      uptimeMs: Math.round(process.uptime() * 1000),
      rssBytes: process.memoryUsage.rss(),
      cpu: elapsedMs > 0 ? (cpu - this.#cpuMs) / elapsedMs : 0,
      loopDelayMs: this.#delay.count === 0 ? 0 : Math.max(0, this.#delay.max / NANOSECONDS_PER_MS - RESOLUTION_MS),
      ...openFiles(),
    };
    this.#cpuMs = cpu;
    this.#at = now;
    this.#delay.reset();
    return stats;
  }

  stop(): void {
    this.#delay.disable();
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Linux tells the number as the size of the folder, since 6.2; to count its entries takes long with many. */
function openFiles(): { readonly openFiles?: number } {
  try {
    const { size } = statSync('/proc/self/fd');
    return size > 0 ? { openFiles: size } : {};
  } catch {
    return {}; // not Linux
  }
}
