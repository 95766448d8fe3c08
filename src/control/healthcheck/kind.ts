import * as z from 'zod';

import { type LintRule, withLintRule } from '../../config/schema/examine.ts';
import type { Kind } from '../../config/schema/kind.ts';
import { count, duration } from '../../config/values/values.ts';
import type { Healthcheck } from '../../core/healthcheck.ts';
import type { Dialer } from '../../io/dialer.ts';

/** What a backend counts as before the checks have said otherwise. */
export const INITIAL_STATUSES = ['healthy', 'unhealthy'] as const;
export type InitialStatus = (typeof INITIAL_STATUSES)[number];

/** What every kind has; read by the monitor. */
export interface HealthcheckSettings {
  /** From the start of one check of a backend to the start of its next; 0 only where nothing is checked. */
  readonly intervalMs: number;
  /** The same while a state is changing; never longer than the interval. */
  readonly fastIntervalMs: number;
  /** For one check. */
  readonly timeoutMs: number;
  /** Checks in a row that a backend must pass to come up; at least 1. */
  readonly passes: number;
  /** Checks in a row that a backend must fail to go down; at least 1. */
  readonly fails: number;
  readonly initialStatus: InitialStatus;
  /** Instead of the backend's port. */
  readonly port?: number;
}

/** A kind's configuration: the common settings and its own values. */
export type ConfigOfKind<Name extends string, Own extends object> = Kind<Name> & HealthcheckSettings & Own;

/** What a check asks the outside world through. */
export interface HealthcheckTools {
  readonly dialer: Dialer;
}

/** What a file says of a kind of check. */
export interface HealthcheckKind<
  Name extends string,
  Shape extends z.core.$ZodLooseShape,
  Own extends object,
> extends Kind<Name> {
  /** One sentence for the reference page. */
  readonly summary: string;
  /** Tables for the reference page, as a file has them. */
  readonly samples: readonly string[];
  /** The kind's own keys, by their names in the file. */
  readonly keys: Shape;
  /** What concerns several keys together. */
  readonly lint?: LintRule;
  /** The values of those keys, by the names the code uses. */
  readonly configure: (values: z.output<z.ZodObject<Shape>>) => Own;
  /** It starts a process, of which fewer may be at once than of connections. */
  readonly startsProgram?: true;
  /** Opens nothing yet. */
  create(config: ConfigOfKind<Name, Own>, tools: HealthcheckTools): Healthcheck;
}

const INTERVAL = {
  description: 'Time from the start of one check of a backend to the start of its next, give or take 5 %.',
  examples: ['2s'],
};
const requiredInterval = duration({ leastMs: 1 }).meta(INTERVAL);
const anyInterval = duration().prefault('0').meta(INTERVAL);

const NOT_IN_GOBETWEEN = 'Not in gobetween.';
const MOST_IN_A_ROW = 1_000;

const settings = {
  timeout: duration().prefault('0').meta({
    description: 'How long one check may take before it fails. "0" uses the interval.',
    gobetween: '"0" means no limit, and kills a program of `exec` at once.',
  }),
  passes: count({ most: MOST_IN_A_ROW }).default(1).meta({
    description: 'Consecutive checks that a backend must pass to come up. 0 counts as 1.',
    gobetween: 'Does not restart the count after a failed check.',
  }),
  fails: count({ most: MOST_IN_A_ROW }).default(1).meta({
    description: 'Consecutive checks that a backend must fail to go down. 0 counts as 1.',
    gobetween: 'Does not restart the count after a passed check.',
  }),
  initial_status: z.enum(INITIAL_STATUSES).default('healthy').meta({
    title: 'word',
    description: 'Whether a new backend counts as healthy until enough checks have passed or failed.',
  }),
  port: count({ least: 1, most: 65_535 }).optional().meta({
    description: 'The port that is checked. Absent: the port of the backend. Has no effect for a unix socket.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  fast_interval: duration()
    .prefault('0')
    .meta({
      description:
        'The interval while the health of a backend is changing: some of the `passes` or `fails` are counted, but' +
        ' not all. "0" is a quarter of `interval`.',
      gobetween: NOT_IN_GOBETWEEN,
    }),
};

/** The schema of the table `healthcheck` for one kind. */
function healthcheckTable<const Name extends string, Shape extends z.core.$ZodLooseShape, Own extends object>({
  kind,
  keys,
  configure,
  lint = () => undefined,
}: HealthcheckKind<Name, Shape, Own>) {
  const common = {
    kind: z.literal(kind).meta({ title: 'word', description: 'What a check does.', examples: [kind] }),
    interval: kind === 'none' ? anyInterval : requiredInterval,
    ...settings,
  };
  return withLintRule(z.object({ ...common, ...keys }), lint).transform((values): ConfigOfKind<Name, Own> => {
    // The compiler cannot see that the sum of two unknown shapes has the keys of both.
    const shared = values as unknown as SharedValues;
    const own = configure(values as unknown as z.output<z.ZodObject<Shape>>);
    return { kind, ...sharedConfig(shared), ...own };
  });
}

type SharedValues = z.output<z.ZodObject<typeof settings>> & { readonly interval: number };

function sharedConfig(values: SharedValues): HealthcheckSettings {
  const { interval, timeout, passes, fails, initial_status: initialStatus, port, fast_interval: fast } = values;
  return {
    intervalMs: interval,
    fastIntervalMs: fast === 0 ? interval / 4 : Math.min(fast, interval),
    timeoutMs: timeout === 0 ? interval : timeout,
    passes: Math.max(1, passes),
    fails: Math.max(1, fails),
    initialStatus,
    ...(port !== undefined && { port }),
  };
}

/** Declares a kind of check, one per file. */
export function defineHealthcheck<const Name extends string, Shape extends z.core.$ZodLooseShape, Own extends object>(
  healthcheck: HealthcheckKind<Name, Shape, Own>,
) {
  return { ...healthcheck, table: healthcheckTable(healthcheck) };
}
