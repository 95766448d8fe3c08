import { cpuFigure, loadByAb, urlOf, type Work } from './work.ts';

const BYTES_PER_GB = 1_000_000_000;
const BYTES_PER_MB = 1_000_000;

/** Bodies of one size over kept connections. */
export function body(size: '1k' | '16k' | '64k' | '10m', title: string, clients: number): Work {
  return {
    title,
    needs: ['ab'],
    services: ['web'],
    isForDirect: true,
    async measure(bench) {
      const requests = bench.scale.bodies[size];
      const load = { url: urlOf(bench, 'web', size), clients, keepsAlive: true };
      await loadByAb(bench, { ...load, requests: Math.max(2 * clients, requests / 10) });
      const { report, cpuS } = await loadByAb(bench, { ...load, requests });
      return {
        perSecond: report.perSecond,
        mbPerSecond: (report.perSecond * report.bodyBytes) / report.complete / BYTES_PER_MB,
        ...(size === '10m' ? {} : cpuFigure('cpuSPer100kRequests', bench, (cpuS / requests) * 100_000)),
        ...cpuFigure('cpuSPerGb', bench, (cpuS / report.bodyBytes) * BYTES_PER_GB),
        p50Ms: report.percentiles.get('50%') ?? Number.NaN,
        p99Ms: report.percentiles.get('99%') ?? Number.NaN,
      };
    },
  };
}
