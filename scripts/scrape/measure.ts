import { systemClock } from '../../src/core/clock.ts';
import { median } from '../bench/figures.ts';
import { ping } from '../bench/ping/programs.ts';
import type { PingResult } from '../bench/ping/schedule.ts';
import type { Subject } from './subject.ts';

const SCRAPE_EVERY_MS = 1000;

/** Until the code is compiled. */
const WARM_UP = 10;

export interface Cost {
  readonly samples: number;
  readonly bytes: number;
  /** Of the main thread, on average. */
  readonly mainThreadMs: number;
  readonly medianWallMs: number;
  readonly slowestWallMs: number;
}

/** What scrapes cost, one right after the other. */
export async function costOfScrapes(subject: Subject, scrapes: number): Promise<Cost> {
  for (let each = 0; each < WARM_UP; each++) await subject.scrape();
  const before = subject.mainThreadMs();
  const wallMs: number[] = [];
  let last = { bytes: 0, samples: 0 };
  for (let each = 0; each < scrapes; each++) {
    const scrape = await subject.scrape();
    wallMs.push(scrape.wallMs);
    last = scrape;
  }
  return {
    samples: last.samples,
    bytes: last.bytes,
    mainThreadMs: (subject.mainThreadMs() - before) / scrapes,
    medianWallMs: median(wallMs),
    slowestWallMs: Math.max(...wallMs),
  };
}

export interface Pings {
  readonly seconds: number;
  readonly perSecond: number;
  readonly connections: number;
}

/** Latencies of messages there and back, with a scrape a second or without. */
export async function pingBeside(
  subject: Subject,
  isScraped: boolean,
  { seconds, perSecond, connections }: Pings,
): Promise<PingResult> {
  const scraping = isScraped ? systemClock.every(SCRAPE_EVERY_MS, () => void subject.scrape()) : undefined;
  try {
    const order = {
      port: subject.port,
      connections,
      messageBytes: 64,
      perSecond,
      messages: perSecond * seconds,
      warmup: perSecond,
    };
    return await ping(order, AbortSignal.timeout((seconds + 60) * 1000));
  } finally {
    scraping?.cancel();
  }
}
