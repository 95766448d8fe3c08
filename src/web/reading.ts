const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether requests of this method change nothing (the safe methods of RFC 9110, 9.2.1). */
export function isReading(method: string): boolean {
  return READING.has(method);
}
