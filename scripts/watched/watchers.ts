import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import type { Browser } from 'playwright-core';
import { Agent, request } from 'undici';

import { systemClock } from '../../src/core/clock.ts';
import { Child } from '../bench/child.ts';
import { HOST } from '../bench/ports.ts';
import type { Sights } from './subject.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const SCRAPE_EVERY_MS = 1000;
const FIRST_FRAME_MS = 20_000;

/** Ends what was begun. */
export type Stop = () => Promise<void>;

/**
 * Looks at a tslb as people and tools do: an open stats page, `tslb top` in a terminal, a scrape a second. Resolves when
 * each of them shows something.
 */
export async function watch(sights: Sights, browser: Browser): Promise<Stop> {
  const stops: Stop[] = [];
  const stop: Stop = async () => {
    for (const each of stops.toReversed()) await each();
  };
  try {
    for (const open of [() => openPage(sights, browser), () => runTop(sights), () => scrapeOnAndOn(sights)]) {
      stops.push(await open());
    }
    return stop;
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function openPage({ pagePort }: Sights, browser: Browser): Promise<Stop> {
  const page = await browser.newPage();
  await page.goto(`http://${HOST}:${pagePort}/stats`);
  await page.locator('.api-connection.live').waitFor();
  return () => page.close();
}

/** In a terminal that `script` makes. */
async function runTop({ api }: Sights): Promise<Stop> {
  const top = `stty rows 40 columns 120; exec '${execPath}' '${MAIN}' top --api 'unix:${api}'`;
  const child = new Child('tslb top', { program: 'script', args: ['-qec', top, '/dev/null'] });
  await child.line(AbortSignal.timeout(FIRST_FRAME_MS));
  return () => child.stop();
}

/** Over one connection, which Prometheus keeps too. */
async function scrapeOnAndOn({ metrics }: Sights): Promise<Stop> {
  const agent = new Agent({ connect: { socketPath: metrics } });
  const failed = new AbortController();

  async function scrape(): Promise<void> {
    const { statusCode, body } = await request('http://tslb/metrics', { dispatcher: agent });
    await body.dump({ limit: Infinity });
    if (statusCode !== 200) throw new Error(`a scrape answers ${statusCode}`);
  }

  await scrape();
  const timer = systemClock.every(
    SCRAPE_EVERY_MS,
    () => void scrape().catch((thrown: unknown) => failed.abort(thrown)),
  );
  return async () => {
    timer.cancel();
    await agent.close();
    failed.signal.throwIfAborted();
  };
}
