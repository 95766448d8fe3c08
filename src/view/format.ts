/** How figures are written, for the page and for the terminal: the same units and the same rounding in both. */

const BYTE_UNITS = [' kB', ' MB', ' GB', ' TB', ' PB'] as const;
const COUNT_UNITS = [' M', ' G', ' T'] as const;
const COMPACT_UNITS = ['', 'k', 'M', 'G', 'T', 'P'] as const;
/** A larger count is shown with a unit, and the exact one in the title. */
const COMPACT_FROM = 100_000_000;

type CountText = (count: number) => string;

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** Digits in groups of three; from a hundred million on in millions. */
export function countText(count: number): string {
  if (count < COMPACT_FROM) return exactText(Math.round(count));
  return scaledText(count / 1e6, COUNT_UNITS);
}

/** For narrow columns, at most five characters: `999`, `1.23k`, `12.3M`. */
export function compactText(count: number): string {
  return count < 999.5 ? String(Math.round(count)) : scaledText(count, COMPACT_UNITS);
}

/** Digits in groups of three. */
export function exactText(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Three digits and a decimal unit: `1.05 kB`. */
export function bytesText(bytes: number): string {
  return bytes < 999.5 ? `${Math.round(bytes)} B` : scaledText(bytes / 1000, BYTE_UNITS);
}

/** A rate below ten keeps a digit behind the point, so that one client in two seconds is seen. */
export function rateText(perSecond: number, text: CountText = countText): string {
  return perSecond === 0 || perSecond >= 9.95 ? text(perSecond) : perSecond.toFixed(1);
}

/** `35 %`; below ten with a digit behind the point. @param share 1 is all of it */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent < 9.95 ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
}

/** The two largest units: `12s`, `4m 12s`, `3h 4m`, `2d 3h`. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < MINUTE) return `${seconds}s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}m ${seconds % MINUTE}s`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)}h ${Math.floor((seconds % HOUR) / MINUTE)}m`;
  return `${Math.floor(seconds / DAY)}d ${Math.floor((seconds % DAY) / HOUR)}h`;
}

/** Of the day, in the time zone of the reader. */
export function timeText(date: Date): string {
  return date.toLocaleTimeString('en', { hourCycle: 'h23' });
}

/** Of a limit of which 0 is none. */
export function limitText(limit: number, text: CountText = countText): string {
  return limit === 0 ? '∞' : text(limit);
}

/** What took so long: `1.2 ms`, `350 ms`, and from a second on as an age. */
export function durationText(ms: number): string {
  if (ms >= 1000) return ageText(ms);
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** What would be rounded up to the next unit is told in that one. */
function scaledText(value: number, units: readonly string[]): string {
  let [scaled, unit] = [value, 0];
  while (scaled >= 999.5 && unit < units.length - 1) [scaled, unit] = [scaled / 1000, unit + 1];
  return `${threeDigits(scaled)}${units[unit] ?? ''}`;
}

function threeDigits(scaled: number): string {
  if (scaled < 9.995) return scaled.toFixed(2);
  return scaled < 99.95 ? scaled.toFixed(1) : String(Math.round(scaled));
}
