/**
 * `npm run bench:watched [-- --rounds 10 --requests 300000 --connections 20000]`: what it costs traffic that somebody
 * looks on. One tslb with one thread, under `ab`, in turn with the stats page open in Chromium, `tslb top` in a terminal and a
 * scrape a second, and with nobody there. Linux only, with what `npm run bench` needs, chromium, and `script` of bsdutils.
 */
import { type Figure, FIGURES, median, numberText } from './bench/figures.ts';
import { Lab } from './bench/lab.ts';
import { freePorts } from './bench/ports.ts';
import { FULL } from './bench/scale.ts';
import { WORKS } from './bench/works/registry.ts';
import { warmUp } from './bench/works/warm-up.ts';
import type { Bench } from './bench/works/work.ts';
import { launchChromium } from './chromium.ts';
import { sightsIn, watchable } from './watched/subject.ts';
import { watch } from './watched/watchers.ts';
import { wholeOptions } from './whole-options.ts';

const MEASURED = [
  { work: 'keep-alive', figure: 'cpuSPer100kRequests' },
  { work: 'connections', figure: 'cpuSPer10kConnections' },
] as const satisfies readonly { readonly work: keyof typeof WORKS; readonly figure: Figure }[];

/** By figure, a value for each round. */
type Samples = Record<(typeof MEASURED)[number]['figure'], number[]>;

const { rounds, requests, connections } = wholeOptions({ rounds: 10, requests: 300_000, connections: 20_000 });

function noSamples(): Samples {
  return { cpuSPer100kRequests: [], cpuSPer10kConnections: [] };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function measure(bench: Bench, samples: Samples, title: string): Promise<void> {
  for (const { work, figure } of MEASURED) {
    const value = (await WORKS[work].measure(bench))[figure] ?? Number.NaN;
    samples[figure].push(value);
    process.stderr.write(`${title.padEnd(10)} ${work.padEnd(11)} ${numberText(value)} ${FIGURES[figure].unit}\n`);
  }
}

const scale = { ...FULL, keepAlive: requests, connections };
const [alone, watched] = [noSamples(), noSamples()];
const lab = await Lab.open(['web', 'echo', 'pool']);
const browser = await launchChromium();
try {
  const [pagePort = 0] = await freePorts(1);
  const sights = sightsIn(lab.folder, pagePort);
  const open = await lab.launch('epoll', watchable(sights), { threads: 1, services: ['web', 'echo', 'pool'] });
  const bench = { open, threads: 1, scale, lab, signal: new AbortController().signal };
  await warmUp(bench);
  for (let round = 0; round < rounds; round++) {
    const acts = [
      () => measure(bench, alone, 'alone'),
      async () => {
        const stop = await watch(sights, browser);
        await measure(bench, watched, 'looked at');
        await stop();
      },
    ];
    // Who begins changes, so that neither always follows the other.
    for (const act of round % 2 === 0 ? acts : acts.toReversed()) await act();
  }
} finally {
  await browser.close();
  await lab.close();
}
for (const { figure } of MEASURED) {
  const { title, unit } = FIGURES[figure];
  const [without, beside] = [median(alone[figure]), median(watched[figure])];
  const ratio = numberText(beside / without);
  say(`${title}: ${numberText(without)} ${unit} alone, ${numberText(beside)} ${unit} looked at: ${ratio}`);
}
