import { ping } from '../ping/programs.ts';
import type { PingResult } from '../ping/schedule.ts';
import { type Bench, cpuFigure, type Work } from './work.ts';

const CONNECTIONS = 50;
const WARMUP_SECONDS = 0.25;

export interface Pace {
  readonly messageBytes: number;
  readonly perSecond: number;
}

export function pingThrough({ open, scale, signal }: Bench, { messageBytes, perSecond }: Pace): Promise<PingResult> {
  const order = {
    port: open.port('echo'),
    connections: CONNECTIONS,
    messageBytes,
    perSecond,
    messages: perSecond * scale.pingSeconds,
    warmup: perSecond * WARMUP_SECONDS,
  };
  return ping(order, signal);
}

/** Messages there and back over 50 connections, at a rate that does not wait for answers. */
export function pingPong(title: string, pace: Pace): Work {
  return {
    title,
    needs: ['koffi'],
    services: ['echo'],
    isForDirect: true,
    async measure(bench) {
      const before = bench.open.cpuSeconds();
      const { p50Us, p99Us, p999Us } = await pingThrough(bench, pace);
      const messages = pace.perSecond * (bench.scale.pingSeconds + WARMUP_SECONDS);
      const cpuS = bench.open.cpuSeconds() - before;
      return { p50Us, p99Us, p999Us, ...cpuFigure('cpuSPer100kMessages', bench, (cpuS / messages) * 100_000) };
    },
  };
}
