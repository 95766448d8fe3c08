import { TslbError } from '../core/errors.ts';
import { openFilesLimit } from '../io/open-files.ts';

/** Node opens the files of a program many at a time; with fewer descriptors it fails in the middle of that. */
const FEWEST = 128;

/** @throws TslbError TSLB_DESCRIPTORS when this process may not open enough files to start */
export function checkDescriptors(): void {
  const allowed = openFilesLimit();
  if (allowed === undefined || allowed >= FEWEST) return;
  throw new TslbError(
    'TSLB_DESCRIPTORS',
    `at least ${FEWEST} open files are needed, and this shell allows ${allowed} (ulimit -n)`,
  );
}
