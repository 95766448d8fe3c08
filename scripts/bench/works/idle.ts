import { pause } from '../answers.ts';
import type { Child } from '../child.ts';
import type { Measurement } from '../figures.ts';
import type { Open } from '../lab.ts';
import { holdConnections } from '../ping/programs.ts';
import type { Bench, Work } from './work.ts';

const BYTES_PER_KIB = 1024;

/**
 * The part of the connections that is there before the others are counted: with the first thousands come the code that
 * V8 compiles for them and the tables of all three, and some of what the start took goes.
 */
const FIRST_PART = 0.4;

async function alive(holder: Child, signal: AbortSignal): Promise<void> {
  holder.finishInput();
  if ((await holder.line(signal)) !== 'alive') throw holder.failure();
}

/** What a connection costs beyond what the process has with the first of them, and all of them together. */
async function holding(open: Open, { scale, signal }: Bench): Promise<Measurement> {
  const { idleConnections, idleSeconds, settleSeconds } = scale;
  const first = Math.round(idleConnections * FIRST_PART);
  const holders = [await holdConnections(open.port('echo'), first, signal)];
  try {
    await pause(settleSeconds * 1000, signal);
    const before = open.memory();
    holders.push(await holdConnections(open.port('echo'), idleConnections - first, signal));
    await pause(settleSeconds * 1000, signal);
    const after = open.memory();
    const cpuBefore = open.cpuSeconds();
    await pause(idleSeconds * 1000, signal);
    const cpuS = open.cpuSeconds() - cpuBefore;
    for (const holder of holders) await alive(holder, signal);
    if (after.privateKib <= before.privateKib)
      throw new Error('it gave memory back meanwhile: connections have no figure');
    const each = (kib: number): number => (kib * BYTES_PER_KIB) / (idleConnections - first);
    return {
      rssPerConnectionB: each(after.rssKib - before.rssKib),
      privatePerConnectionB: each(after.privateKib - before.privateKib),
      idleCpuPercent: (cpuS / idleSeconds) * 100,
    };
  } finally {
    for (const holder of holders) await holder.stop();
  }
}

/** Start, base and what a connection that does nothing costs: in a process that has done nothing else. */
export const idle: Work = {
  title: 'idle connections',
  needs: [],
  services: ['echo'],
  isForDirect: false,
  async measure(bench) {
    const open = await bench.lab.start(bench.open.name, { threads: bench.threads, services: ['web', 'echo', 'pool'] });
    try {
      const base = { startMs: open.startMs, baseRssMib: open.memory().rssKib / BYTES_PER_KIB };
      return { ...base, ...(await holding(open, bench)) };
    } finally {
      await open.stop();
    }
  },
};
