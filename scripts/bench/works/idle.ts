import { pause } from '../answers.ts';
import type { Child } from '../child.ts';
import type { Measurement } from '../figures.ts';
import type { Open } from '../lab.ts';
import { holdConnections } from '../ping/programs.ts';
import type { Bench, Work } from './work.ts';

const BYTES_PER_KIB = 1024;

const WARMUP_CONNECTIONS = 50;

async function alive(holder: Child, signal: AbortSignal): Promise<void> {
  holder.finishInput();
  if ((await holder.line(signal)) !== 'alive') throw holder.failure();
}

/** What the connections cost beyond what the process has now. */
async function holding(open: Open, { scale, signal }: Bench): Promise<Measurement> {
  const { idleConnections, idleSeconds, settleSeconds } = scale;
  await pause(settleSeconds * 1000, signal);
  const before = open.memory();
  const holder = await holdConnections(open.port('echo'), idleConnections, signal);
  try {
    const after = open.memory();
    const cpuBefore = open.cpuSeconds();
    await pause(idleSeconds * 1000, signal);
    const cpuS = open.cpuSeconds() - cpuBefore;
    await alive(holder, signal);
    if (after.privateKib <= before.privateKib)
      throw new Error('it gave memory back meanwhile: connections have no figure');
    const each = (kib: number): number => (kib * BYTES_PER_KIB) / idleConnections;
    return {
      rssPerConnectionB: each(after.rssKib - before.rssKib),
      privatePerConnectionB: each(after.privateKib - before.privateKib),
      idleCpuPercent: (cpuS / idleSeconds) * 100,
    };
  } finally {
    await holder.stop();
  }
}

/** Opened and closed before, so that what a first connection brings into memory is not counted with the others. */
async function warmUp(open: Open, signal: AbortSignal): Promise<void> {
  const holder = await holdConnections(open.port('echo'), WARMUP_CONNECTIONS, signal);
  try {
    await alive(holder, signal);
  } finally {
    await holder.stop();
  }
}

/** Start, base and what a connection that does nothing costs: in a process that has done nothing else. */
export const idle: Work = {
  title: 'idle connections',
  needs: [],
  isForDirect: false,
  async measure(bench) {
    const open = await bench.lab.start(bench.open.name, bench.threads);
    try {
      const base = { startMs: open.startMs, baseRssMib: open.memory().rssKib / BYTES_PER_KIB };
      await warmUp(open, bench.signal);
      return { ...base, ...(await holding(open, bench)) };
    } finally {
      await open.stop();
    }
  },
};
