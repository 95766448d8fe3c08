const BARS = '▁▂▃▄▅▆▇█';

/**
 * A series as one character a column, the highest as the highest bar. Where there are more values than columns each
 * stands for the most of several, so that no peak is lost.
 */
export function sparkline(values: readonly number[], width: number): string {
  const each = Math.max(1, Math.ceil(values.length / width));
  const columns: number[] = [];
  // From the end, so that the last column has all its values.
  for (let end = values.length; end > 0; end -= each) {
    columns.unshift(Math.max(...values.slice(Math.max(0, end - each), end)));
  }
  const most = Math.max(0, ...columns);
  return columns.map((value) => BARS[barOf(value, most)] ?? '').join('');
}

function barOf(value: number, most: number): number {
  return most === 0 ? 0 : Math.min(BARS.length - 1, Math.ceil((value / most) * BARS.length) - (value > 0 ? 1 : 0));
}
