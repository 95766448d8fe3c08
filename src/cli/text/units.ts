/** 950, 1.2k, 34.5k, 120k, 3.4M: at most five characters below a thousand million millions. */
export function countText(count: number): string {
  return scaled(count, 1000, COUNT_UNITS);
}

const COUNT_UNITS = ['', 'k', 'M', 'G', 'T', 'P'] as const;

/** 512 B, 3.4 MiB. */
export function bytesText(bytes: number): string {
  return scaled(bytes, 1024, BYTE_UNITS);
}

const BYTE_UNITS = [' B', ' KiB', ' MiB', ' GiB', ' TiB', ' PiB'] as const;

function scaled(value: number, step: number, units: readonly string[]): string {
  let [rest, unit] = [value, 0];
  // What would be rounded up to the next unit is told in that one.
  while (Math.round(rest) >= step && unit < units.length - 1) [rest, unit] = [rest / step, unit + 1];
  const isWhole = unit === 0 || rest >= 99.95;
  return `${isWhole ? Math.round(rest) : rest.toFixed(1)}${units[unit] ?? ''}`;
}

/** A percentage of one processor core: 3.5%. */
export function shareText(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** 0.4ms, 350ms, 2.5s, 42s, 2m13s, 3h05m, 4d06h. */
export function durationText(ms: number): string {
  if (ms < 9.95) return `${Number(ms.toFixed(1))}ms`;
  if (ms < SECOND) return `${Math.floor(ms)}ms`;
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return pairOf(ms, [MINUTE, 'm'], [SECOND, 's']);
  if (ms < DAY) return pairOf(ms, [HOUR, 'h'], [MINUTE, 'm']);
  return pairOf(ms, [DAY, 'd'], [HOUR, 'h']);
}

type Unit = readonly [ms: number, name: string];

function pairOf(ms: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)}${largeName}${String(rest).padStart(2, '0')}${smallName}`;
}

/** A limit of which 0 is none. */
export function limitText(limit: number): string {
  return limit === 0 ? '-' : countText(limit);
}
