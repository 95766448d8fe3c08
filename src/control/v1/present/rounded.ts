/** To a thousandth: what is behind it is noise of the clock, and of adding up. */
export function rounded(number: number): number {
  return Math.round(number * 1000) / 1000;
}
