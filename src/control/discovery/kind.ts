import * as z from 'zod';

import type { Table } from '../../config/schema/examine.ts';
import type { Kind } from '../../config/schema/kind.ts';
import { duration } from '../../config/values/values.ts';
import type { BackendOverrides } from '../../core/backend-overrides.ts';
import type { BackendSpec } from '../../core/backend.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Discovery } from '../../core/discovery.ts';
import type { Dialer } from '../../io/dialer.ts';
import type { Lookups } from '../../io/names/resolver.ts';
import { overridesSchema } from './overrides.ts';

/** What happens to the backends when their source cannot be asked. */
export const FAIL_POLICIES = ['keeplast', 'setempty'] as const;
export type FailPolicy = (typeof FAIL_POLICIES)[number];

/** What every kind has; read by the loop. */
export interface DiscoverySettings {
  /** From one successful fetch to the next; 0 is one fetch only. */
  readonly intervalMs: number;
  /** For one fetch; 0 is no limit. */
  readonly timeoutMs: number;
  readonly failpolicy: FailPolicy;
  /** What holds over the list that is found; absent: nothing. */
  readonly overrides?: BackendOverrides;
}

/** A kind's configuration: the common settings and its own values. */
export type ConfigOfKind<Name extends string, Own extends object> = Kind<Name> & DiscoverySettings & Own;

/** What a source asks the outside world through. */
export interface DiscoveryTools {
  readonly lookups: Lookups;
  readonly dialer: Dialer;
  /** Told of each answer which parts of it were not understood, with their places; none where all were. */
  readonly skipped: (parts: readonly string[]) => void;
}

/** How the backends of a source stand in the file itself. */
export interface BackendsInFile {
  /** @param table `discovery` as it is written @returns undefined where it cannot be read */
  readonly read: (table: Table) => readonly BackendSpec[] | undefined;
  /** The keys that are read as these backends. */
  readonly write: (backends: readonly BackendSpec[]) => JsonTable;
}

/** What others have to know of a kind. */
export interface DiscoveryTraits {
  /** It starts a process, of which fewer may be at once than of connections. */
  readonly startsProgram?: true;
  /** Absent where the backends are known only when the source was asked. */
  readonly inFile?: BackendsInFile;
}

/** What a file says of a kind of discovery. */
export interface DiscoveryKind<Name extends string, Shape extends z.core.$ZodLooseShape, Own extends object>
  extends Kind<Name>, DiscoveryTraits {
  /** One sentence for the reference page. */
  readonly summary: string;
  /** Tables for the reference page, as a file has them. */
  readonly samples: readonly string[];
  /** The kind's own keys, by their names in the file. */
  readonly keys: Shape;
  /** The values of those keys, by the names the code uses. */
  readonly configure: (values: z.output<z.ZodObject<Shape>>) => Own;
  /** For one fetch, unless `timeout` says; absent: no limit. */
  readonly defaultTimeoutMs?: number;
  /** Asks nothing yet. */
  create(config: ConfigOfKind<Name, Own>, tools: DiscoveryTools): Discovery;
}

const settings = {
  interval: duration()
    .prefault('0')
    .meta({ description: 'Time from one successful fetch of the backends to the next; "0" fetches once.' }),
  timeout: duration()
    .prefault('0')
    .meta({ description: 'How long one fetch may take; "0" uses the time of the kind.' }),
  failpolicy: z.enum(FAIL_POLICIES).default('keeplast').meta({
    title: 'word',
    description: 'After a failed fetch: `keeplast` leaves the backends as they are, `setempty` removes them all.',
  }),
  overrides: overridesSchema.optional(),
};

/** The schema of the table `discovery` for one kind. */
function discoveryTable<const Name extends string, Shape extends z.core.$ZodLooseShape, Own extends object>({
  kind,
  keys,
  defaultTimeoutMs = 0,
  configure,
}: DiscoveryKind<Name, Shape, Own>) {
  const common = {
    kind: z.literal(kind).meta({ title: 'word', description: 'Where the backends come from.', examples: [kind] }),
    ...settings,
  };
  return z.object({ ...common, ...keys }).transform((values): ConfigOfKind<Name, Own> => {
    // The compiler cannot see that the sum of two unknown shapes has the keys of both.
    const shared = values as unknown as z.output<z.ZodObject<typeof settings>>;
    const own = configure(values as unknown as z.output<z.ZodObject<Shape>>);
    const { interval: intervalMs, timeout, failpolicy, overrides } = shared;
    const timeoutMs = timeout === 0 ? defaultTimeoutMs : timeout;
    return { kind, intervalMs, timeoutMs, failpolicy, ...(overrides !== undefined && { overrides }), ...own };
  });
}

/** Declares a kind of discovery, one per file. */
export function defineDiscovery<const Name extends string, Shape extends z.core.$ZodLooseShape, Own extends object>(
  discovery: DiscoveryKind<Name, Shape, Own>,
) {
  return { ...discovery, table: discoveryTable(discovery) };
}
