import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';

import { errorCode } from '../core/errors.ts';

/**
 * Removes the file of a unix socket that no process listens on any more, as a killed process leaves it behind.
 * @param done told whether the path is free now
 */
export function removeStaleSocket(path: string, done: (isFree: boolean) => void): void {
  const probe = connect({ path });
  probe.once('connect', () => {
    probe.destroy();
    done(false);
  });
  probe.once('error', (error) => done(errorCode(error) === 'ECONNREFUSED' && unlinkSocket(path)));
}

function unlinkSocket(path: string): boolean {
  try {
    if (!lstatSync(path).isSocket()) return false;
    unlinkSync(path);
    return true;
  } catch {
    return false; // the listen is then refused, and says why
  }
}
