import { HISTOGRAM_BOUNDS, type Histogram, type HistogramName } from '../core/totals.ts';

/**
 * What one of a bound's units is among the counters: times are counted in tenths of milliseconds, as connections tell
 * them. They are whole numbers, and so sums stay exact however many are added and taken off.
 */
const TICKS = { connect: 10_000, queue: 10_000, duration: 10_000, bytes: 1 } as const satisfies Record<
  HistogramName,
  number
>;

/** One histogram among the columns of histograms: the count of each bucket, of what is beyond the last, and the sum. */
interface HistogramColumns {
  readonly first: number;
  /** Upper bounds of the buckets but the last, inclusive, in ticks. */
  readonly bounds: readonly number[];
  readonly ticks: number;
}

export const HISTOGRAM_NAMES = Object.keys(HISTOGRAM_BOUNDS) as readonly HistogramName[];

/** Columns that one histogram takes. */
function widthOf(name: HistogramName): number {
  return HISTOGRAM_BOUNDS[name].length + 2;
}

export const HISTOGRAMS_WIDTH = HISTOGRAM_NAMES.reduce((width, name) => width + widthOf(name), 0);

const COLUMNS = Object.fromEntries(
  HISTOGRAM_NAMES.map((name, index): [HistogramName, HistogramColumns] => {
    const first = HISTOGRAM_NAMES.slice(0, index).reduce((width, before) => width + widthOf(before), 0);
    const bounds = HISTOGRAM_BOUNDS[name].map((bound) => Math.round(bound * TICKS[name]));
    return [name, { first, bounds, ticks: TICKS[name] }];
  }),
) as Readonly<Record<HistogramName, HistogramColumns>>;

/** Counts one value. @param from where the histograms begin @param value tenths of milliseconds, or bytes */
export function measure(counters: Float64Array, from: number, name: HistogramName, value: number): void {
  const { first, bounds } = COLUMNS[name];
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
  (counters[from + first + bucket] as number) += 1;
  (counters[from + first + bounds.length + 1] as number) += value;
}

/** @param columnAt of the histograms, from 0 @returns in the units of HISTOGRAM_BOUNDS */
export function readHistogram(name: HistogramName, columnAt: (column: number) => number): Histogram {
  const { first, bounds, ticks } = COLUMNS[name];
  const counts = Array.from({ length: bounds.length + 1 }, (_, bucket) => columnAt(first + bucket));
  return { counts, sum: columnAt(first + bounds.length + 1) / ticks };
}
