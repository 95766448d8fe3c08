import { HISTOGRAM_BOUNDS, type Histogram, type HistogramName } from '../../../src/core/totals.ts';

export const HISTOGRAM_NAMES = Object.keys(HISTOGRAM_BOUNDS) as readonly HistogramName[];

/** What the histograms have to be of all that was measured. */
export class KnownHistograms {
  readonly #counts = new Map<HistogramName, number[]>();
  readonly #sums = new Map<HistogramName, number>();

  constructor() {
    this.clear();
  }

  /** @param value bytes, or milliseconds */
  add(name: HistogramName, value: number): void {
    const bucket = HISTOGRAM_BOUNDS[name].findIndex((bound) => value <= bound * perUnit(name));
    const counts = this.#counts.get(name)!;
    counts[bucket < 0 ? counts.length - 1 : bucket]! += 1;
    // In tenths, so that times are whole numbers.
    this.#sums.set(name, this.#sums.get(name)! + Math.round(value * 10));
  }

  clear(): void {
    for (const name of HISTOGRAM_NAMES) {
      this.#counts.set(name, [...HISTOGRAM_BOUNDS[name].map(() => 0), 0]);
      this.#sums.set(name, 0);
    }
  }

  all(): Readonly<Record<HistogramName, Histogram>> {
    const all = HISTOGRAM_NAMES.map((name) => {
      return [name, { counts: this.#counts.get(name)!, sum: this.#sums.get(name)! / (10 * perUnit(name)) }];
    });
    return Object.fromEntries(all) as Record<HistogramName, Histogram>;
  }
}

function perUnit(name: HistogramName): number {
  return name === 'bytes' ? 1 : 1_000;
}
