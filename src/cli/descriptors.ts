import { readFileSync } from 'node:fs';

import { TslbError } from '../core/errors.ts';

/** Node opens the files of a program many at a time; with fewer descriptors it fails in the middle of that. */
const FEWEST = 128;

/** @throws TslbError TSLB_DESCRIPTORS when this process may not open enough files to start */
export function checkDescriptors(): void {
  const allowed = softLimit();
  if (allowed >= FEWEST) return;
  throw new TslbError(
    'TSLB_DESCRIPTORS',
    `at least ${FEWEST} open files are needed, and this shell allows ${allowed} (ulimit -n)`,
  );
}

function softLimit(): number {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return found === null ? Infinity : Number(found[1]);
  } catch {
    return Infinity; // not Linux
  }
}
