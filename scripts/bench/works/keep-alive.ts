import type { AbReport } from '../ab.ts';
import type { Measurement } from '../figures.ts';
import type { ServiceName } from '../subjects/subject.ts';
import { type Bench, cpuFigure, loadByAb, urlOf, type Work } from './work.ts';

const CLIENTS = 100;
const WARMUP = 2000;

/** The table of `ab`'s report. */
export function percentileFigures({ percentiles }: AbReport): Measurement {
  const ms = (share: string): number => percentiles.get(share) ?? Number.NaN;
  return {
    p50Ms: ms('50%'),
    p66Ms: ms('66%'),
    p75Ms: ms('75%'),
    p80Ms: ms('80%'),
    p90Ms: ms('90%'),
    p95Ms: ms('95%'),
    p98Ms: ms('98%'),
    p99Ms: ms('99%'),
    p100Ms: ms('100%'),
  };
}

async function measure(bench: Bench, service: ServiceName, requests: number): Promise<Measurement> {
  const load = { url: urlOf(bench, service, 'page'), clients: CLIENTS, keepsAlive: true };
  await loadByAb(bench, { ...load, requests: Math.max(WARMUP, requests / 10) });
  const { report, cpuS } = await loadByAb(bench, { ...load, requests });
  return {
    perSecond: report.perSecond,
    ...cpuFigure('cpuSPer100kRequests', bench, (cpuS / requests) * 100_000),
    ...percentileFigures(report),
  };
}

/** `ab -k -n 100000 -c 100` for a page of 112 bytes. */
export const keepAlive: Work = {
  title: 'keep-alive',
  needs: ['ab'],
  services: ['web'],
  isForDirect: true,
  measure: (bench) => measure(bench, 'web', bench.scale.keepAlive),
};

export const poolKeepAlive: Work = {
  title: '1,000 backends, keep-alive',
  needs: ['ab'],
  services: ['pool'],
  isForDirect: false,
  measure: (bench) => measure(bench, 'pool', bench.scale.keepAlive / 2),
};
