import { createDiscovery, discoverySchema } from '../../../src/control/discovery/registry.ts';
import { addressText } from '../../../src/core/address.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { Dialer } from '../../../src/io/dialer.ts';
import { LOCAL_NAMES } from '../fakes/local-names.ts';

/** What came of one fetch. */
export interface Fetched {
  /** Keys of the backends with their weights. */
  readonly backends: readonly string[];
  readonly skipped: readonly string[];
}

/** A source as its table in a file has it, which a test asks. @throws as the source */
export function discoverBy(table: Readonly<Record<string, unknown>>) {
  return async (signal: AbortSignal = new AbortController().signal): Promise<Fetched> => {
    let skipped: readonly string[] = [];
    const tools = {
      lookups: LOCAL_NAMES,
      dialer: new Dialer(systemClock),
      skipped: (parts: readonly string[]) => void (skipped = parts),
    };
    const found = await createDiscovery(discoverySchema.parse(table), tools).discover(signal);
    return { backends: found.map(({ target, weight }) => `${addressText(target)} ${weight}`), skipped };
  };
}
