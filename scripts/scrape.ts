/**
 * `npm run bench:scrape [-- --backends 1000 --scrapes 100 --rounds 5 --seconds 10]`: what a scrape of the metrics costs
 * the main thread of a tslb with so many backends, and whether traffic feels a scrape a second: latencies of messages
 * through it, with and without, in turn. Linux only, with koffi.
 */
import { median, numberText } from './bench/figures.ts';
import type { PingResult } from './bench/ping/schedule.ts';
import { costOfScrapes, pingBeside } from './scrape/measure.ts';
import { Subject } from './scrape/subject.ts';
import { wholeOptions } from './whole-options.ts';

const PINGS = { perSecond: 5_000, connections: 50 } as const;

const { backends, scrapes, rounds, seconds } = wholeOptions({ backends: 1000, scrapes: 100, rounds: 5, seconds: 10 });

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function medianOf(results: readonly PingResult[], figure: keyof PingResult): string {
  return numberText(median(results.map((result) => result[figure])));
}

const subject = await Subject.start(backends);
try {
  const cost = await costOfScrapes(subject, scrapes);
  say(`${backends} backends: ${cost.samples} samples, ${numberText(cost.bytes / 1000)} kB a scrape`);
  say(`main thread: ${numberText(cost.mainThreadMs)} ms a scrape`);
  say(`until it has come: ${numberText(cost.medianWallMs)} ms, the slowest ${numberText(cost.slowestWallMs)} ms`);

  const [without, beside]: [PingResult[], PingResult[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    without.push(await pingBeside(subject, false, { ...PINGS, seconds }));
    beside.push(await pingBeside(subject, true, { ...PINGS, seconds }));
  }
  for (const [title, results] of [
    ['without scrapes', without],
    ['a scrape a second', beside],
  ] as const) {
    const [p50, p99, p999] = [medianOf(results, 'p50Us'), medianOf(results, 'p99Us'), medianOf(results, 'p999Us')];
    say(`messages, ${title}: p50 ${p50} µs, p99 ${p99} µs, p99.9 ${p999} µs`);
  }
} finally {
  await subject.stop();
}
