/** What is measured. Processor time is the balancer's alone, over all its threads and processes. */
export const FIGURES = {
  perSecond: { title: 'rate', unit: '/s', better: 'more' },
  cpuSPer100kRequests: { title: 'CPU per 100k requests', unit: 's', better: 'less' },
  cpuSPer100kMessages: { title: 'CPU per 100k messages', unit: 's', better: 'less' },
  cpuSPer10kConnections: { title: 'CPU per 10k connections', unit: 's', better: 'less' },
  cpuUsPerPair: { title: 'CPU per request and answer', unit: 'µs', better: 'less' },
  cpuUsPerDatagram: { title: 'CPU per datagram', unit: 'µs', better: 'less' },
  lossPercent: { title: 'loss', unit: '%', better: 'less' },
  cpuSPerGb: { title: 'CPU per GB', unit: 's', better: 'less' },
  mbPerSecond: { title: 'throughput', unit: 'MB/s', better: 'more' },
  p50Ms: { title: 'p50', unit: 'ms', better: 'less' },
  p66Ms: { title: 'p66', unit: 'ms', better: 'less' },
  p75Ms: { title: 'p75', unit: 'ms', better: 'less' },
  p80Ms: { title: 'p80', unit: 'ms', better: 'less' },
  p90Ms: { title: 'p90', unit: 'ms', better: 'less' },
  p95Ms: { title: 'p95', unit: 'ms', better: 'less' },
  p98Ms: { title: 'p98', unit: 'ms', better: 'less' },
  p99Ms: { title: 'p99', unit: 'ms', better: 'less' },
  p100Ms: { title: 'slowest', unit: 'ms', better: 'less' },
  p50Us: { title: 'p50', unit: 'µs', better: 'less' },
  p99Us: { title: 'p99', unit: 'µs', better: 'less' },
  p999Us: { title: 'p99.9', unit: 'µs', better: 'less' },
  p99AloneUs: { title: 'p99 without the reader', unit: 'µs', better: 'less' },
  p99BesideUs: { title: 'p99 beside the reader', unit: 'µs', better: 'less' },
  p99Ratio: { title: 'p99 beside / without', unit: '×', better: 'less' },
  startMs: { title: 'start to first answer', unit: 'ms', better: 'less' },
  baseRssMib: { title: 'RSS at start', unit: 'MiB', better: 'less' },
  rssPerConnectionB: { title: 'RSS per idle connection', unit: 'B', better: 'less' },
  privatePerConnectionB: { title: 'private memory per idle connection', unit: 'B', better: 'less' },
  idleCpuPercent: { title: 'CPU while they idle', unit: '% of a core', better: 'less' },
} as const satisfies Readonly<Record<string, FigureKind>>;

interface FigureKind {
  readonly title: string;
  readonly unit: string;
  readonly better: 'less' | 'more';
}

export type Figure = keyof typeof FIGURES;

/** What one run of a work gives. */
export type Measurement = Partial<Readonly<Record<Figure, number>>>;

const KEPT_DIGITS = 5;

/** Without the digits that no clock has measured. */
export function rounded(measurement: Measurement): Measurement {
  return Object.fromEntries(
    Object.entries(measurement).map(([figure, value]) => [figure, Number(value.toPrecision(KEPT_DIGITS))]),
  );
}

/** Of an even number the mean of the two in the middle. @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const [below = Number.NaN, above = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (below + above) / 2;
}

/** Three significant digits, and thousands in groups: `0.123`, `12.3`, `21,034`. */
export function numberText(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
