import type { BackendSpec } from './backend.ts';

/** A source of backends. Interval, timeout, retry and fail policy are the loop's (control/discovery/loop.ts). */
export interface Discovery {
  /** The whole list as it is now. @throws when the source cannot be asked or its answer not be read */
  discover(signal: AbortSignal): Promise<readonly BackendSpec[]>;
}
