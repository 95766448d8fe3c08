import type { Cause } from '../../src/core/cause.ts';
import type { Random } from '../../src/core/random.ts';
import { between, happens, oneOf } from './chance.ts';

/** What a configuration may have besides backends and a strategy, and how likely it has it. */
const FEATURES = {
  limits: 0.5,
  queue: 0.6,
  'waits when down': 0.3,
  'limits per client': 0.25,
  sticky: 0.3,
  checks: 0.5,
  panic: 0.3,
  'passive checks': 0.4,
  'slow start': 0.4,
  'closes when down': 0.3,
  'by name': 0.3,
  'PROXY out': 0.3,
  'PROXY in': 0.3,
  draining: 0.1,
  disabled: 0.1,
} as const;
type Feature = keyof typeof FEATURES;
export type Features = ReadonlySet<Feature>;

type Keys = Readonly<Record<string, unknown>>;

const KEYS: Partial<Record<Feature, (random: Random) => Keys>> = {
  limits: (random) => ({ max_connections: oneOf(random, [0, 0, between(random, 30, 80)]) }),
  queue: (random) => ({
    queue_timeout: oneOf(random, ['100ms', '1s', '3s']),
    queue_size: oneOf(random, [0, 3, 30]),
    queue_per_client: oneOf(random, [0, 0, 4]),
  }),
  'waits when down': () => ({ queue_when_down: true }),
  'limits per client': (random) => ({
    max_connections_per_client: oneOf(random, [0, between(random, 2, 20)]),
    connection_rate_per_client: oneOf(random, ['0', '5/s', '50/s']),
  }),
  sticky: (random) => ({ sticky: 'client_ip', sticky_expire: oneOf(random, ['300ms', '30m']) }),
  panic: (random) => ({ panic_threshold: oneOf(random, [30, 60, 100]) }),
  'passive checks': (random) => ({
    max_fails: between(random, 1, 3),
    fail_timeout: `${between(random, 200, 2000)}ms`,
  }),
  'slow start': (random) => ({ slow_start: oneOf(random, ['500ms', '3s']) }),
  'closes when down': () => ({ on_down: 'close' }),
  'PROXY in': () => ({ accept_proxy: 'allow', accept_proxy_from: ['127.0.0.0/8', '::1'] }),
};

export function featuresOf(random: Random): Features {
  const features = Object.keys(FEATURES) as Feature[];
  return new Set(features.filter((feature) => happens(random, FEATURES[feature])));
}

export function serverKeys(features: Features, random: Random): Keys {
  return Object.assign({}, ...[...features].map((feature) => KEYS[feature]?.(random) ?? {})) as Keys;
}

const TABLES: Partial<Record<Feature, (random: Random) => Keys>> = {
  // No backend has a name: the hello is read, and every backend comes into question.
  'by name': (random) => ({ hostname_matching_strategy: oneOf(random, ['exact', 'wildcard']), read_timeout: '10s' }),
  'PROXY out': (random) => ({ version: oneOf(random, ['1', '2']) }),
};

const TABLE_NAMES: Partial<Record<Feature, string>> = { 'by name': 'sni', 'PROXY out': 'proxy_protocol' };

/** Tables of the server, by their name. */
export function serverTables(features: Features, random: Random): Readonly<Record<string, Keys>> {
  return Object.fromEntries(
    [...features].flatMap((feature) => {
      const table = TABLES[feature]?.(random);
      return table === undefined ? [] : [[TABLE_NAMES[feature] ?? feature, table]];
    }),
  );
}

/** How the backends stand in the list, and the limits of those that have one. */
export function backendLines(
  backends: readonly string[],
  features: Features,
  random: Random,
): { readonly lines: readonly string[]; readonly limits: ReadonlyMap<string, number> } {
  const limits = new Map<string, number>();
  if (features.has('limits')) {
    for (const backend of backends) if (happens(random, 0.8)) limits.set(backend, between(random, 1, 25));
  }
  const states = new Map<string, string>();
  for (const state of ['draining', 'disabled'] as const)
    if (features.has(state)) states.set(oneOf(random, backends), state);
  const lines = backends.map((backend) => {
    const options = `weight=${between(random, 1, 5)} max_connections=${limits.get(backend) ?? 0}`;
    return `${backend} ${options} state=${states.get(backend) ?? 'enabled'}`;
  });
  return { lines, limits };
}

/** Why a server with them may close clients, be they served or not. */
export function causesOf(features: Features): ReadonlySet<Cause> {
  const causes = new Set<Cause>();
  const isTakenOut = features.has('draining') || features.has('disabled');
  if (features.has('limits')) causes.add('PC').add('SC');
  if (features.has('limits per client')) causes.add('PR');
  if (features.has('by name') || features.has('PROXY in')) causes.add('CR');
  if (features.has('queue')) causes.add('PQ').add('sQ').add('CQ');
  if (features.has('checks') || isTakenOut) causes.add('SC');
  // Those that are ejected are not tried again at once when clients can wait for one.
  if (features.has('passive checks') && features.has('waits when down')) causes.add('SC');
  if (features.has('closes when down') && (features.has('checks') || features.has('disabled')))
    causes.add('DD').add('DL');
  return causes;
}
