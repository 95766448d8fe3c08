import * as z from 'zod';

import { BACKEND_WORDS, UNAVAILABLE_REASONS } from '../../core/backend-status.ts';
import { BACKEND_STATES } from '../../core/backend.ts';
import { SEND_PROXY } from '../../core/proxy-protocol.ts';
import { claim, measure, moment, tally, word, words } from './values.ts';

export const ratesSchema = z
  .object({
    connections: measure('Connections.', 120),
    peak_connections: measure('The most connections of any second.', 480),
    rx: measure('Bytes from the backends.', 1_048_576),
    tx: measure('Bytes to the backends.', 65_536),
  })
  .meta({ id: 'Rates', description: 'Of the last whole second.' });

export const healthSchema = z
  .object({
    state: z.enum(['unchecked', 'up', 'falling', 'down', 'rising']).meta({
      description: '`falling` and `rising`: the last results speak against what is believed, but are not enough yet.',
    }),
    live: claim('Whether its checks let it get connections.'),
    reason: word('The result of the last check, on one line.', 'connection refused'),
    consecutive: tally('Results like the last one in a row.', 3),
    duration_ms: measure('How long the last check took.', 1.25),
    checked_at: moment('When the last check ended; absent before the first.').optional(),
  })
  .meta({ id: 'Health', description: 'The state of the health checks of a backend.' });

const WORDS_MEANING =
  'In one word. `up`, `unchecked` (no check has looked at it yet, or there is none) and `starting` (slow start) get' +
  ' clients. `removed` is off the list and only keeps its connections, `unresolved` has a name without an address,' +
  ' `draining` and `disabled` were put so, `down` fails its health checks, `ejected` has failed its clients.';

export const backendSchema = z
  .object({
    key: word('Its key: `host:port`, `[v6]:port` or `unix:/path`.', '10.0.0.1:80'),
    host: word('Its host, or the path of a unix socket.', '10.0.0.1'),
    port: word('Its port; empty of a unix socket.', '80'),
    addresses: words(
      'Where its clients are sent: what its name stands for now, in the order it is tried.',
      '10.0.0.1:80',
    ),
    status: z.enum(BACKEND_WORDS).meta({ description: WORDS_MEANING }),
    state: z.enum(BACKEND_STATES).meta({ description: 'The state that the operator has set.' }),
    state_override: claim('Whether `state` is a runtime override, and not what the list says.'),
    obstacle: z.enum(UNAVAILABLE_REASONS).optional().meta({
      description: 'Why it gets no clients; absent where it does.',
    }),
    health: healthSchema.optional(),
    probe_in_ms: measure(
      'Until one client may try the backend that was ejected; absent where it is not.',
      4200,
    ).optional(),
    active: tally('Connections and dials that hold a place at it now.', 12),
    peak: tally('The highest value of `active`.', 40),
    total: tally('Connections that were opened to it.', 100_000),
    refused: tally('Dials that failed.', 3),
    retried: tally('Clients that were sent to another backend after a failed connect.', 3),
    rx: tally('Bytes from it.', 1_048_576),
    tx: tally('Bytes to it.', 65_536),
    rx_datagrams: tally('Datagrams from it, of UDP.'),
    tx_datagrams: tally('Datagrams to it, of UDP.'),
    priority: tally('The backends with the lowest number that have room are used.', 1),
    sni: words('The server names of its clients (TLS); absent where it has none.', 'www.example.org').optional(),
    alpn: words('The protocols of its clients (ALPN); absent where it has none.', 'h2').optional(),
    send_proxy: z.enum(SEND_PROXY).optional().meta({
      description: 'The version of the PROXY header that it gets; absent where its server says.',
    }),
    weight: tally('Its share of the connections, in force.', 1),
    weight_override: claim('Whether `weight` is a runtime override.'),
    max_connections: tally('Connections at once, in force; 0 is no limit.'),
    max_connections_override: claim('Whether `max_connections` is a runtime override.'),
    is_dynamic: claim('Whether it was added at runtime, beside those that discovery finds.'),
    warmup_factor: z
      .number()
      .min(0)
      .max(1)
      .meta({
        description: 'Which part of its weight and limit is in force: below 1 during slow start.',
        examples: [1],
      }),
    changed_at: moment('When it last began or stopped getting clients.'),
    since: moment('When it was first listed.'),
    downs: tally('How often it went down or was ejected.', 1),
    rates: ratesSchema,
  })
  .meta({ id: 'Backend', description: 'One backend of a server. Counters run since it was listed or last reset.' });

export const orphanedOverrideSchema = z
  .object({
    key: word('Its key.', '10.0.0.9:80'),
    state: z.enum(BACKEND_STATES).optional().meta({ description: 'The state that the operator has set.' }),
    weight: tally('Its share of the connections.', 1).optional(),
    max_connections: tally('Connections at once; 0 is no limit.').optional(),
  })
  .meta({ id: 'OrphanedOverride', description: 'Overrides for a backend that its server does not have now.' });

export const changedBackendSchema = z
  .object({ backend: backendSchema.optional(), orphaned: orphanedOverrideSchema.optional() })
  .meta({
    id: 'ChangedBackend',
    description: 'The backend; `orphaned` in its place where the server does not have it now.',
  });

export type OrphanedOverrideJson = z.output<typeof orphanedOverrideSchema>;
export type BackendJson = z.output<typeof backendSchema>;
export type RatesJson = z.output<typeof ratesSchema>;

/** Overrides; null clears one, absent leaves it. */
export const backendChangeSchema = z
  .strictObject({
    state: z
      .enum(BACKEND_STATES)
      .nullable()
      .optional()
      .meta({
        description: 'The state to set.',
        examples: ['draining'],
      }),
    weight: z
      .int()
      .min(0)
      .max(1_000_000)
      .nullable()
      .optional()
      .meta({ description: 'Its share.', examples: [5] }),
    max_connections: z
      .int()
      .min(0)
      .max(10_000_000)
      .nullable()
      .optional()
      .meta({
        description: 'Connections at once; 0 is no limit.',
        examples: [100],
      }),
  })
  .meta({
    id: 'BackendChange',
    description:
      'What to override. `null` clears the override, so that the list counts again; what is absent stays as it is.',
    examples: [{ state: 'draining' }],
  });
