import pLimit from 'p-limit';

import type { Clock } from '../core/clock.ts';
import { Lookups } from './lookups.ts';
import { type Lookup, Names, systemLookup } from './names.ts';

/** Node runs getaddrinfo on two of its four threads at most; what waits for them should wait here, where it can be told. */
const AT_ONCE = 2;

/**
 * Resolves the names of the whole process: there is one, so that its lookups have one limit. Names that are watched take
 * their turn among themselves first, so that a bind or a check waits for two of them at most.
 */
export class Resolver {
  /** For names that are watched, and for those that are asked for once. */
  readonly names: Names;
  /** For those that cannot wait long. */
  readonly lookups: Lookups;

  constructor(clock: Clock, find: Lookup = systemLookup) {
    const limit = pLimit(AT_ONCE);
    const limited: Lookup = (host) => limit(() => find(host));
    this.names = new Names(clock, limited);
    this.lookups = new Lookups(limited);
  }
}
