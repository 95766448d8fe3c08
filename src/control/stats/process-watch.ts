import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

import type { Clock } from '../../core/clock.ts';
import type { ProcessStats } from '../../core/stats.ts';
import { OpenFiles } from './open-files.ts';

/** How often it is looked whether the main thread is held up: each look wakes it. */
const RESOLUTION_MS = 100;
const NANOSECONDS_PER_MS = 1e6;

/** The figures of this process, all its threads together. */
export class ProcessWatch {
  readonly #clock: Clock;
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #openFiles: OpenFiles;
  #cpuMs: number;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#openFiles = new OpenFiles(clock);
    this.#cpuMs = cpuMs();
    this.#at = clock.now();
    this.#delay.enable();
  }

  /** Of the time since the last call. */
  look(): ProcessStats {
    const now = this.#clock.now();
    const cpu = cpuMs();
    const elapsedMs = now - this.#at;
    const openFiles = this.#openFiles.look();
    const stats = {
      uptimeMs: Math.round(process.uptime() * 1000),
      rssBytes: process.memoryUsage.rss(),
      cpu: elapsedMs > 0 ? (cpu - this.#cpuMs) / elapsedMs : 0,
      loopDelayMs: this.#delay.count === 0 ? 0 : Math.max(0, this.#delay.max / NANOSECONDS_PER_MS - RESOLUTION_MS),
      ...(openFiles !== undefined && { openFiles }),
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
