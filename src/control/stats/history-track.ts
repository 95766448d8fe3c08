import type { History } from '../../core/stats.ts';

/** An hour, so that the chart has a point for each two or three pixels. */
const STEP_SECONDS = 10;
const POINTS = 360;

const SERIES = ['active', 'waiting', 'connections', 'rx', 'tx', 'errors'] as const;

/** Of one second. Those that are no gauges are what the second added. */
export type Second = Readonly<Record<(typeof SERIES)[number], number>>;

/** The last hour of one server: seconds go in, their averages stay. 17 kB. */
export class HistoryTrack {
  readonly #points = new Float64Array(SERIES.length * POINTS);
  readonly #sums = new Float64Array(SERIES.length);
  #seconds = 0;
  #steps = 0;
  #at = 0;

  /** @param at its end, in milliseconds since the epoch */
  add(second: Second, at: number): void {
    for (const [row, name] of SERIES.entries()) this.#sums[row] = (this.#sums[row] ?? 0) + second[name];
    this.#seconds += 1;
    if (this.#seconds < STEP_SECONDS) return;
    const column = this.#steps % POINTS;
    for (const [row, sum] of this.#sums.entries()) this.#points[row * POINTS + column] = sum / STEP_SECONDS;
    this.#sums.fill(0);
    this.#seconds = 0;
    this.#steps += 1;
    this.#at = at;
  }

  /** The step that is not over yet is not in it. */
  history(): History {
    const series = Object.fromEntries(SERIES.map((name, row) => [name, this.#row(row)]));
    return { stepMs: STEP_SECONDS * 1000, at: this.#at, ...(series as Record<keyof Second, number[]>) };
  }

  #row(row: number): number[] {
    const points = this.#points.subarray(row * POINTS, (row + 1) * POINTS);
    if (this.#steps <= POINTS) return [...points.subarray(0, this.#steps)];
    const oldest = this.#steps % POINTS;
    return [...points.subarray(oldest), ...points.subarray(0, oldest)];
  }
}
