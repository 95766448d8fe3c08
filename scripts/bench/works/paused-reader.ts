import { readSlowly } from '../ping/programs.ts';
import { pingThrough } from './ping-pong.ts';
import type { Work } from './work.ts';

const PACE = { messageBytes: 1, perSecond: 2000 };
const READING = { body: '10m', bytesPerSecond: 10_000_000 } as const;

/** What a client that takes 10 MB a second, pausing in between, does to the latency of the others. */
export const pausedReader: Work = {
  title: 'ping-pong beside a paused reader',
  needs: ['koffi'],
  services: ['web', 'echo'],
  isForDirect: true,
  async measure(bench) {
    const alone = await pingThrough(bench, PACE);
    const reader = await readSlowly(bench.open.port('web'), READING, bench.signal);
    try {
      const beside = await pingThrough(bench, PACE);
      if (reader.hasEnded) throw reader.failure();
      return { p99AloneUs: alone.p99Us, p99BesideUs: beside.p99Us, p99Ratio: beside.p99Us / alone.p99Us };
    } finally {
      await reader.stop();
    }
  },
};
