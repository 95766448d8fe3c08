import * as z from 'zod';

import { sourceAddress } from '../../config/values/source-address.ts';
import { count, duration, rate } from '../../config/values/values.ts';
import { ENGINE_KINDS, type EngineKind } from '../../data/engines/registry.ts';

/** `auto` leaves the choice to us. */
export type EngineChoice = 'auto' | EngineKind;

/** What becomes of a backend's connections when it goes down. */
const ON_DOWN_CHOICES = ['keep', 'close'] as const;

/** What clients stick to their backend by. */
const STICKY_CHOICES = ['none', 'client_ip'] as const;

/** As tcp(7) has it: nine hours and six minutes. */
const LONGEST_KEEPALIVE_MS = 32_767_000;

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
  client_prefix_v6: count({ least: 1, most: 128 }).meta({
    description:
      'IPv6 addresses that agree in so many leading bits are one client, for `max_connections_per_client`,' +
      ' `connection_rate_per_client`, `queue_per_client` and `sticky`: a host usually has a network of 64 bits for' +
      ' itself. 128 counts each address. Link-local addresses and those of 64:ff9b::/32 (NAT64) always count whole.' +
      ' Access rules, the strategies and the log go by the whole address.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  client_idle_timeout: duration().meta({
    description:
      'Resets a connection after this time in which its client sent nothing and acknowledged nothing. "0" means never.',
    gobetween: 'Counts bytes from the client only, and so cuts long downloads.',
  }),
  backend_idle_timeout: duration().meta({
    description:
      'Resets a connection after this time in which its backend sent nothing and acknowledged nothing. "0" means never.',
    gobetween: 'Counts bytes from the backend only.',
  }),
  client_fin_timeout: duration().meta({
    description:
      'How long the client side may be silent once one of its directions has ended: it neither sends nor acknowledges a' +
      ' byte. Then the connection is reset. "0" means never.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  backend_fin_timeout: duration().meta({
    description: 'The same for the backend side. "0" means never.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  unacknowledged_timeout: duration().meta({
    description:
      'How long a peer may acknowledge nothing of the bytes that are under way to it, and answer no probe, before the' +
      ' connection is reset as dead. A peer that lives and does not read is not ended by this. "0" leaves it to the' +
      ' system, which takes about 15 minutes.',
    gobetween: NOT_IN_GOBETWEEN,
  }),
  keepalive_idle: duration({ mostMs: LONGEST_KEEPALIVE_MS }).meta({
    description:
      'After this time without a byte a peer is probed, to see whether it is still there. The system counts whole' +
      ' seconds, so a part of one counts as one. "0" sends no probes.',
    gobetween: 'Always "15s".',
  }),
  keepalive_interval: duration({ leastMs: 1, mostMs: LONGEST_KEEPALIVE_MS }).meta({
    description: 'The time between two probes.',
    gobetween: 'Always "15s".',
  }),
  keepalive_count: count({ least: 1, most: 127 }).meta({
    description: 'After this many probes without an answer the connection is reset as dead.',
    gobetween: 'Always 9.',
  }),
  backend_connection_timeout: duration().meta({
    description:
      'How long a connect to a backend may take before another backend is tried. "0" leaves it to the system.',
    gobetween: 'Its default is "0": a backend that does not answer costs a client two minutes on Linux.',
  }),
  source_address: sourceAddress().meta({
    description:
      'The address of this host from which backends are dialled and checked, or a list of them: where one has no port' +
      ' left for a backend, the next one is taken. IPv4 backends are dialled from IPv4 addresses, IPv6 backends from' +
      ' IPv6 addresses. An empty list leaves it to the system.',
    examples: ['10.0.0.7'],
    gobetween: NOT_IN_GOBETWEEN,
  }),
  retries: count({ most: 100 }).meta({
    description: 'How many further backends are tried when a backend cannot be reached.',
    gobetween: 'Not in gobetween, which never retries.',
  }),
  max_fails: count({ most: 1000 }).meta({
    description:
      'After this many failures within `fail_timeout` a backend gets no clients for the same time. A failure is a' +
      ' failed connect, or a connection that the backend ends, be it in order, without having sent a byte, if the' +
      ' client has sent something and has not finished. Then one client tries the backend. 0 counts no failures. A' +
      ' backend may have its own number.',
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
      ' backend that `max_fails` ejects keeps them. With `protocol = "udp"` the default is `close`: the next datagram of' +
      ' the client begins a session with another backend.',
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
    description:
      'Whether clients also wait, for `queue_timeout`, while no backend is up. A client that could not be connected to' +
      ' any waits like the others.',
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
  client_prefix_v6: 64,
  client_idle_timeout: '0',
  backend_idle_timeout: '0',
  client_fin_timeout: '5m',
  backend_fin_timeout: '5m',
  unacknowledged_timeout: '150s',
  keepalive_idle: '15s',
  keepalive_interval: '15s',
  keepalive_count: 9,
  backend_connection_timeout: '5s',
  source_address: [],
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
