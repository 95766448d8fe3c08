import { systemClock } from '../../../src/core/clock.ts';
import { NameError } from '../../../src/io/names/answer.ts';
import { Resolver } from '../../../src/io/names/resolver.ts';

/** Knows no name but localhost. */
export const LOCAL_NAMES = new Resolver(systemClock, async (host) => {
  if (host === 'localhost') return { addresses: ['127.0.0.1'], ttlMs: Infinity };
  throw new NameError('ENOTFOUND', `the test has no name "${host}"`);
});
