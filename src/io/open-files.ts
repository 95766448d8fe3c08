import { readFileSync } from 'node:fs';

/** How many files this process may have open: the soft limit, from proc(5). @returns undefined where it is not told */
export function openFilesLimit(): number | undefined {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return found === null ? undefined : Number(found[1]);
  } catch {
    return undefined; // not Linux
  }
}
