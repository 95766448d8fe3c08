import * as z from 'zod';

import { count, duration, rate } from '../../config/values/values.ts';
import type { PoolSettings } from '../../control/pool/settings.ts';
import type { Limits } from '../../core/limits.ts';
import { ENGINE_KINDS, type EngineKind } from '../../data/engines/registry.ts';

/** `auto` leaves the choice to us. */
export type EngineChoice = 'auto' | EngineKind;

/** What becomes of a backend's connections when it goes down. */
const ON_DOWN_CHOICES = ['keep', 'close'] as const;

/** What clients stick to their backend by. */
const STICKY_CHOICES = ['none', 'client_ip'] as const;

const NOT_IN_GOBETWEEN = 'Not in gobetween.';

/** Keys that a server takes from `[defaults]` when it does not have them. */
export const options = {
  max_connections: count().meta({
    description: 'The most connections of the server at a time. A further client is closed at once. 0 means no limit.',
    gobetween: 'A negative number refuses every client; here it is an error.',
  }),
  max_connections_per_client: count().meta({
    description:
      'The most connections of one client address at a time. A further one is closed at once. 0 means no limit.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  connection_rate_per_client: rate().meta({
    description:
      'The most connections that one client address may open per second, minute or hour: "10/s", "100/m", "500/h".' +
      ' After a pause of that length it may open as many at once. A further one is closed at once. "0" means no' +
      ' limit.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  client_idle_timeout: duration().meta({
    description:
      'Closes a connection after this time without a byte on its client side, in either direction. "0" means never.',
    gobetween: 'Counts bytes from the client only, and so cuts long downloads.',
  }),
  backend_idle_timeout: duration().meta({
    description:
      'Closes a connection after this time without a byte on its backend side, in either direction. "0" means never.',
    gobetween: 'Counts bytes from the backend only.',
  }),
  backend_connection_timeout: duration().meta({
    description:
      'How long a connect to a backend may take before another backend is tried. "0" leaves it to the system.',
    gobetween: 'Its default is "0": a backend that does not answer costs a client two minutes on Linux.',
  }),
  retries: count({ most: 100 }).meta({
    description: 'How many further backends are tried when a backend cannot be reached.',
    gobetween: 'Not in gobetween, which never retries.',
  }),
  max_fails: count({ most: 1000 }).meta({
    description:
      'After this many failures within `fail_timeout` a backend gets no clients for the same time. A failure is a' +
      ' failed connect, or a reset before the first byte of the backend. Then one client tries the backend. 0' +
      ' counts no failures. A backend may have its own number.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  fail_timeout: duration({ leastMs: 1 }).meta({
    description: 'The time in which failures are counted, and for which a backend is then ejected.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  panic_threshold: count({ most: 100 }).meta({
    description:
      'When less than this percentage of the backends is up, the checks are ignored and all backends get clients. 0' +
      ' means never.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  on_down: z.enum(ON_DOWN_CHOICES).meta({
    title: 'word',
    description:
      'What happens to the connections of a backend when its checks fail or it is disabled: `keep` or `close`. A' +
      ' backend that `max_fails` ejects keeps them.',
    gobetween: 'Keeps them.',
  }),
  slow_start: duration().meta({
    description:
      'How long a backend that comes back takes to reach its full weight and `max_connections`. Until then it gets' +
      ' a growing part of both. "0" gives both at once.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  queue_timeout: duration().meta({
    description:
      'How long a client waits while every backend is at its `max_connections` of `static_list`. At the' +
      ' `max_connections` of the server no client waits. "0" closes the client at once.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  queue_size: count().meta({
    description: 'The most clients that wait at a time. A further one is closed at once. 0 means no limit.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  queue_per_client: count().meta({
    description:
      'The most clients of one address that wait at a time. A further one is closed at once. 0 means no limit.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  queue_when_down: z.boolean().meta({
    title: 'boolean',
    description: 'Whether clients also wait, for `queue_timeout`, while no backend is up.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  sticky: z.enum(STICKY_CHOICES).meta({
    title: 'word',
    description:
      'Whether a client returns to the backend that it had before. `client_ip` recognises clients by their address.' +
      ' It goes before `balance`, as long as that backend is up and has room.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  sticky_expire: duration({ leastMs: 1 }).meta({
    description: 'How long a client is remembered after it was last sent to its backend.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  engine: z.enum(['auto', ...ENGINE_KINDS]).meta({
    title: 'word',
    description:
      'What moves the bytes: `epoll` calls the Linux kernel directly and costs less processor time; `net` uses' +
      " Node's own sockets and works everywhere. `auto` is `epoll` where it can run, else `net`.",
    gobetween: NOT_IN_GOBETWEEN,
  }),
} as const;

type Options = typeof options;
export type OptionKey = keyof Options;

/** As `[defaults]` would write them. */
export const DEFAULTS: { readonly [Key in keyof Options]: z.input<Options[Key]> } = {
  max_connections: 0,
  max_connections_per_client: 0,
  connection_rate_per_client: '0',
  client_idle_timeout: '0',
  backend_idle_timeout: '0',
  backend_connection_timeout: '5s',
  retries: 3,
  max_fails: 0,
  fail_timeout: '10s',
  panic_threshold: 0,
  on_down: 'keep',
  slow_start: '0',
  queue_timeout: '0',
  queue_size: 0,
  queue_per_client: 0,
  queue_when_down: false,
  sticky: 'none',
  sticky_expire: '30m',
  engine: 'auto',
};

export const defaultsSchema = z
  .object(
    Object.fromEntries(
      Object.entries(options).map(([key, option]) => [
        key,
        (option as z.ZodType).prefault(DEFAULTS[key as keyof Options]),
      ]),
    ) as { readonly [Key in keyof Options]: z.ZodPrefault<Options[Key]> },
  )
  .prefault({})
  .meta({ description: 'Values for the keys that a server does not have itself; each key on its own.' });

/** The same keys in a server, where each may be absent. */
export const serverOptions = z.object(options).partial().shape;

/** The values in force for a server. */
export type OptionValues = z.output<typeof defaultsSchema>;

/** Each key as the server has it, or else as `[defaults]` has it. */
export function inheritOptions(
  server: { readonly [Key in OptionKey]?: OptionValues[Key] | undefined },
  defaults: OptionValues,
): OptionValues {
  const keys = Object.keys(defaults) as readonly OptionKey[];
  // The compiler cannot see that a key has the same type in both.
  return Object.fromEntries(keys.map((key) => [key, server[key] ?? defaults[key]])) as unknown as OptionValues;
}

/** What of them concerns the threads of a server. */
export function limitsOf(values: OptionValues): Limits {
  return {
    maxConnections: values.max_connections,
    connectTimeoutMs: values.backend_connection_timeout,
    clientIdleMs: values.client_idle_timeout,
    backendIdleMs: values.backend_idle_timeout,
    retries: values.retries,
    queue: {
      timeoutMs: values.queue_timeout,
      size: values.queue_size,
      perClient: values.queue_per_client,
      whenDown: queuesWhenDown(values),
    },
    perClient: { maxConnections: values.max_connections_per_client, rate: values.connection_rate_per_client },
    stickyMs: values.sticky === 'client_ip' ? values.sticky_expire : 0,
  };
}

/** What of them concerns its pool. */
export function poolSettingsOf(values: OptionValues): PoolSettings {
  return {
    maxFails: values.max_fails,
    failTimeoutMs: values.fail_timeout,
    queuesWhenDown: queuesWhenDown(values),
    panicThreshold: values.panic_threshold,
    closesOnDown: values.on_down === 'close',
    slowStartMs: values.slow_start,
  };
}

function queuesWhenDown({ queue_timeout, queue_when_down }: OptionValues): boolean {
  return queue_timeout > 0 && queue_when_down;
}
