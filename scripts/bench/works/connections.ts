import { readFileSync } from 'node:fs';

import { pause } from '../answers.ts';
import type { Measurement } from '../figures.ts';
import type { ServiceName } from '../subjects/subject.ts';
import { percentileFigures } from './keep-alive.ts';
import { type Bench, cpuFigure, loadByAb, urlOf, type Work } from './work.ts';

const CLIENTS = 100;
const WARMUP = 500;

/** A connection leaves a socket in TIME_WAIT for a minute, and one through a balancer leaves two. */
const LEFT_BY_ONE = 2;
/** With some to spare. */
const TIME_WAIT_MS = 65_000;
const LOOK_EVERY_MS = 500;

/** The `tw` of /proc/net/sockstat. */
export function parseTimeWait(sockstat: string): number {
  return Number(/^TCP:.* tw (\d+)/m.exec(sockstat)?.[1] ?? 0);
}

/**
 * Until the kernel's table of sockets in TIME_WAIT has room for those of the run: with none, it drops them at once,
 * and that run would be cheaper than the others. No longer than until all of ours are gone; what is there then is
 * somebody else's.
 */
export async function roomForSockets(connections: number, signal: AbortSignal): Promise<void> {
  const limit = Number(readFileSync('/proc/sys/net/ipv4/tcp_max_tw_buckets', 'latin1'));
  const left = (): number => parseTimeWait(readFileSync('/proc/net/sockstat', 'latin1'));
  const until = performance.now() + TIME_WAIT_MS;
  while (left() + connections * LEFT_BY_ONE > limit && performance.now() < until) await pause(LOOK_EVERY_MS, signal);
}

async function measure(bench: Bench, service: ServiceName, requests: number): Promise<Measurement> {
  await roomForSockets(requests + WARMUP, bench.signal);
  const load = { url: urlOf(bench, service, 'page'), clients: CLIENTS, keepsAlive: false };
  await loadByAb(bench, { ...load, requests: WARMUP });
  const { report, cpuS } = await loadByAb(bench, { ...load, requests });
  return {
    perSecond: report.perSecond,
    ...cpuFigure('cpuSPer10kConnections', bench, (cpuS / requests) * 10_000),
    ...percentileFigures(report),
  };
}

/** `ab -n 20000 -c 100`: a connection for each request. */
export const connections: Work = {
  title: 'a new connection for each request',
  needs: ['ab'],
  services: ['web'],
  isForDirect: true,
  measure: (bench) => measure(bench, 'web', bench.scale.connections),
};

export const poolConnections: Work = {
  title: '1,000 backends, new connections',
  needs: ['ab'],
  services: ['pool'],
  isForDirect: false,
  measure: (bench) => measure(bench, 'pool', bench.scale.connections / 2),
};
