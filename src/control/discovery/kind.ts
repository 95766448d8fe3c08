import * as z from 'zod';

import { duration } from '../../config/values/values.ts';
import type { Discovery } from '../../core/discovery.ts';

/** What happens to the backends when their source cannot be asked. */
export const FAIL_POLICIES = ['keeplast', 'setempty'] as const;
export type FailPolicy = (typeof FAIL_POLICIES)[number];

/** What every kind has; read by the loop. */
export interface DiscoverySettings {
  /** From one successful fetch to the next; 0 is one fetch only. */
  readonly intervalMs: number;
  /** For one fetch; 0 is the kind's own. */
  readonly timeoutMs: number;
  readonly failpolicy: FailPolicy;
}

/** A kind's configuration: the common settings and its own values. */
export type SettledDiscovery<Kind extends string, Own extends object> = { readonly kind: Kind } & DiscoverySettings &
  Own;

/** A kind of discovery as the registry lists it. */
export interface DiscoveryKind<Kind extends string, Shape extends z.core.$ZodLooseShape, Own extends object> {
  /** What a config file writes: `kind = "…"`. */
  readonly kind: Kind;
  /** One sentence for the reference page. */
  readonly summary: string;
  /** The kind's own keys, by their names in the file. */
  readonly keys: Shape;
  /** The values of those keys, by the names the code uses. */
  readonly settle: (values: z.output<z.ZodObject<Shape>>) => Own;
  create(config: SettledDiscovery<Kind, Own>): Discovery;
}

/** Declares a kind of discovery, one per file. */
export function defineDiscovery<const Kind extends string, Shape extends z.core.$ZodLooseShape, Own extends object>(
  discovery: DiscoveryKind<Kind, Shape, Own>,
): DiscoveryKind<Kind, Shape, Own> {
  return discovery;
}

const settings = {
  interval: duration()
    .prefault('0')
    .meta({ description: 'Time from one successful fetch of the backends to the next; "0" fetches once.' }),
  timeout: duration().prefault('0').meta({ description: 'How long one fetch may take; "0" is the kind\'s own time.' }),
  failpolicy: z.enum(FAIL_POLICIES).default('keeplast').meta({
    title: 'word',
    description: 'After a failed fetch: `keeplast` leaves the backends as they are, `setempty` removes them all.',
  }),
};

/** The schema of the table `discovery` for one kind. */
export function discoveryTable<const Kind extends string, Shape extends z.core.$ZodLooseShape, Own extends object>({
  kind,
  keys,
  settle,
}: DiscoveryKind<Kind, Shape, Own>) {
  const common = {
    kind: z.literal(kind).meta({ title: 'word', description: 'Where the backends come from.', examples: [kind] }),
    ...settings,
  };
  return z.object({ ...common, ...keys }).transform((values): SettledDiscovery<Kind, Own> => {
    // The compiler cannot see that the sum of two unknown shapes has the keys of both.
    const shared = values as unknown as z.output<z.ZodObject<typeof settings>>;
    const own = settle(values as unknown as z.output<z.ZodObject<Shape>>);
    const { interval: intervalMs, timeout: timeoutMs, failpolicy } = shared;
    return { kind, intervalMs, timeoutMs, failpolicy, ...own };
  });
}
