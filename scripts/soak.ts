/**
 * `npm run soak [-- --minutes 10 --engine epoll|net --protocol tcp|udp --threads 2 --seed N]`: random clients that send, stall, reset and
 * vanish, against a balancer whose backends are killed and restarted and whose configuration changes, and a comparison
 * of every byte, counter and gauge at the end. Without --engine, epoll gets three quarters of the time and net the
 * rest. The last line is `N passed, N failed, N skipped`; the exit code is 1 when one failed.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

import { whyNoEngine, type EngineKind } from '../src/data/engines/registry.ts';
import { datagramChecksOf, datagramSummaryOf } from '../test/soak/datagram-report.ts';
import { datagramSoak } from '../test/soak/datagram-soak.ts';
import type { CheckResult } from '../test/soak/checks.ts';
import { checksOf, summaryOf } from '../test/soak/report.ts';
import { soak, type SoakOptions } from '../test/soak/soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    engine: { type: 'string' },
    threads: { type: 'string', default: '2' },
    seed: { type: 'string' },
    protocol: { type: 'string' },
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

/** Of the time of an engine. */
const PROTOCOLS = { tcp: 0.75, udp: 0.25 } as const;
type Protocol = keyof typeof PROTOCOLS;

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

/** @throws RangeError for a protocol that there is not */
function protocolOf(name: string): Protocol {
  if (name === 'tcp' || name === 'udp') return name;
  throw new RangeError(`--protocol wants tcp or udp, not ${name}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** @returns what holds and what does not, once it has shown what has happened */
async function run(protocol: Protocol, options: SoakOptions): Promise<readonly CheckResult[]> {
  if (protocol === 'udp') {
    const result = await datagramSoak(options);
    say(datagramSummaryOf(result));
    return datagramChecksOf(result);
  }
  const result = await soak(options);
  say(summaryOf(result));
  return checksOf(result);
}

function tellChecks(results: readonly CheckResult[]): void {
  for (const { name, failure } of results) {
    counts[failure === undefined ? 'passed' : 'failed'] += 1;
    say(failure === undefined ? `ok   ${name}` : `FAIL ${name}\n${failure.replaceAll(/^/gm, '     ')}`);
  }
}

const minutes = positive('minutes', values.minutes);
const threads = positive('threads', values.threads);
const seed = values.seed === undefined ? randomInt(2 ** 31) : positive('seed', values.seed);
const protocols = values.protocol === undefined ? (['tcp', 'udp'] as const) : [protocolOf(values.protocol)];
const counts = { passed: 0, failed: 0, skipped: 0 };

for (const { engine, share } of partsOf(values.engine)) {
  const reason = whyNoEngine(engine);
  if (reason !== undefined) {
    say(`skip ${engine}: ${reason}`);
    counts.skipped += 1;
    continue;
  }
  for (const protocol of protocols) {
    const durationMs = minutes * share * (protocols.length === 1 ? 1 : PROTOCOLS[protocol]) * 60_000;
    say(`\n${engine}, ${protocol}, ${threads} threads, ${durationMs / 1000} s, seed ${seed}`);
    tellChecks(await run(protocol, { engine, threads, durationMs, seed }));
  }
}

say(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
