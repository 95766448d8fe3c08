/**
 * `npm run soak [-- --minutes 10 --engine epoll|net --threads 2 --seed N]`: random clients that send, stall, reset and
 * vanish, against a balancer whose backends are killed and restarted and whose configuration changes, and a comparison
 * of every byte, counter and gauge at the end. Without --engine, epoll gets three quarters of the time and net the
 * rest. The last line is `N passed, N failed, N skipped`; the exit code is 1 when one failed.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

import { whyNoEngine, type EngineKind } from '../src/data/engines/registry.ts';
import { checksOf, summaryOf } from '../test/soak/report.ts';
import { soak } from '../test/soak/soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    engine: { type: 'string' },
    threads: { type: 'string', default: '2' },
    seed: { type: 'string' },
  },
});

interface Part {
  readonly engine: EngineKind;
  readonly share: number;
}

const BOTH: readonly Part[] = [
  { engine: 'epoll', share: 0.75 },
  { engine: 'net', share: 0.25 },
];

/** @throws RangeError for what is no such number */
function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new RangeError(`--${name} wants a number above 0, not ${text}`);
  return value;
}

/** @throws RangeError for an engine that there is not */
function partsOf(engine: string | undefined): readonly Part[] {
  if (engine === undefined) return BOTH;
  const part = BOTH.find((each) => each.engine === engine);
  if (part === undefined) throw new RangeError(`--engine wants epoll or net, not ${engine}`);
  return [{ ...part, share: 1 }];
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const minutes = positive('minutes', values.minutes);
const threads = positive('threads', values.threads);
const seed = values.seed === undefined ? randomInt(2 ** 31) : positive('seed', values.seed);
const counts = { passed: 0, failed: 0, skipped: 0 };

for (const { engine, share } of partsOf(values.engine)) {
  const reason = whyNoEngine(engine);
  if (reason !== undefined) {
    say(`skip ${engine}: ${reason}`);
    counts.skipped += 1;
    continue;
  }
  const durationMs = minutes * share * 60_000;
  say(`\n${engine}, ${threads} threads, ${durationMs / 1000} s, seed ${seed}`);
  const result = await soak({ engine, threads, durationMs, seed });
  say(summaryOf(result));
  for (const { name, failure } of checksOf(result)) {
    counts[failure === undefined ? 'passed' : 'failed'] += 1;
    say(failure === undefined ? `ok   ${name}` : `FAIL ${name}\n${failure.replaceAll(/^/gm, '     ')}`);
  }
}

say(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
