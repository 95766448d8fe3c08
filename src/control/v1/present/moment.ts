/** @param ms since the epoch @returns RFC 3339 with milliseconds, in UTC */
export function momentText(ms: number): string {
  return new Date(ms).toISOString();
}
