const BYTE_UNITS = [' kB', ' MB', ' GB', ' TB', ' PB'] as const;
const COUNT_UNITS = [' M', ' G', ' T'] as const;
/** From here on a count is shown with a unit; what it is exactly stands in the title. */
const COMPACT_FROM = 100_000_000;

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** Digits in groups of three; from a hundred million on in millions. */
export function countText(count: number): string {
  if (count < COMPACT_FROM) return exactText(Math.round(count));
  return scaledText(count / 1e6, COUNT_UNITS);
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
export function rateText(perSecond: number): string {
  if (perSecond === 0 || perSecond >= 9.95) return countText(perSecond);
  return perSecond.toFixed(1);
}

/** The two largest units: `12s`, `4m 12s`, `3h 4m`, `2d 3h`. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < MINUTE) return `${seconds}s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}m ${seconds % MINUTE}s`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)}h ${Math.floor((seconds % HOUR) / MINUTE)}m`;
  return `${Math.floor(seconds / DAY)}d ${Math.floor((seconds % DAY) / HOUR)}h`;
}

/** Of the day, in the time zone of whoever looks. */
export function timeText(date: Date): string {
  return date.toLocaleTimeString('en', { hourCycle: 'h23' });
}

export function limitText(limit: number): string {
  return limit === 0 ? '∞' : countText(limit);
}

export function millisecondsText(ms: number): string {
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
