import * as z from 'zod';

import { accessSchema } from '../access/schema.ts';
import { balancers } from '../balance/registry.ts';
import { withRemark } from '../config/examine.ts';
import { type KindOf, kindsOf } from '../config/kind.ts';
import { bind, count, duration } from '../config/values.ts';
import { discoverySchema } from '../control/discovery/registry.ts';
import { loggingSchema } from '../log/schema.ts';
import { remarkServers } from './server-remarks.ts';

export type BalanceKind = KindOf<typeof balancers>;

/** `auto` leaves the choice to us. */
export const ENGINE_CHOICES = ['auto', 'epoll', 'net'] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** Keys that a server takes from `[defaults]` when it does not have them. */
const inherited = {
  max_connections: count().meta({
    description: 'Clients at once; a further one is closed at once. 0 is no limit.',
    gobetween: 'A negative number refuses every client; here it is an error.',
  }),
  client_idle_timeout: duration().meta({
    description:
      'Closes a connection when nothing moved on its client side, in either direction, for this time. "0" is never.',
    gobetween: 'Counts bytes from the client only, and so cuts long downloads.',
  }),
  backend_idle_timeout: duration().meta({
    description:
      'Closes a connection when nothing moved on its backend side, in either direction, for this time. "0" is never.',
    gobetween: 'Counts bytes from the backend only.',
  }),
  backend_connection_timeout: duration().meta({
    description: 'How long a connect to a backend may take before the next one is tried. "0" leaves it to the system.',
  }),
  engine: z.enum(ENGINE_CHOICES).meta({
    title: 'word',
    description:
      "What moves the bytes: `epoll` speaks to Linux itself and costs less processor time; `net` is Node's own sockets" +
      ' and works everywhere. `auto` is `epoll` where it can run, else `net`.',
    gobetween: 'Not in gobetween.',
  }),
  retries: count({ most: 100 }).meta({
    description: 'How many further backends are tried after one could not be reached.',
    gobetween: 'Not in gobetween, which never retries.',
  }),
};

export const defaultsSchema = z
  .object({
    max_connections: inherited.max_connections.default(0),
    client_idle_timeout: inherited.client_idle_timeout.prefault('0'),
    backend_idle_timeout: inherited.backend_idle_timeout.prefault('0'),
    backend_connection_timeout: inherited.backend_connection_timeout.prefault('0'),
    engine: inherited.engine.default('auto'),
    retries: inherited.retries.default(3),
  })
  .prefault({})
  .meta({ description: 'What a server takes when it does not have the key itself; each key on its own.' });

export const serverSchema = z
  .object({
    bind: bind().meta({
      description: 'Where the server listens (see Binds). A list makes it listen at all of them.',
      examples: [':8080'],
      gobetween: 'One address only, and without `*`, the port alone and `unix:`.',
    }),
    protocol: z.enum(['tcp']).default('tcp').meta({ title: 'word', description: 'What is carried.' }),
    balance: z.enum(kindsOf(balancers)).default('weight').meta({
      title: 'word',
      description: 'How a backend is chosen for a connection (see Kinds of balance).',
    }),
    max_connections: inherited.max_connections.optional(),
    client_idle_timeout: inherited.client_idle_timeout.optional(),
    backend_idle_timeout: inherited.backend_idle_timeout.optional(),
    backend_connection_timeout: inherited.backend_connection_timeout.optional(),
    engine: inherited.engine.optional(),
    retries: inherited.retries.optional(),
    access: accessSchema.optional(),
    discovery: discoverySchema,
  })
  .meta({ description: 'One server: an address to listen at and the backends behind it.' });

const processSchema = z
  .object({
    threads: count({ least: 1, most: 256 }).optional().meta({
      description: 'Threads that carry connections, for each engine in use. Absent: one per core.',
      gobetween: 'Not in gobetween; there the variable GOMAXPROCS.',
    }),
  })
  .prefault({})
  .meta({ description: 'The process as a whole.' });

/** The whole file. */
export const configSchema = z
  .object({
    logging: loggingSchema,
    process: processSchema,
    defaults: defaultsSchema,
    servers: withRemark(
      z
        .record(z.string().meta({ pattern: '^[^/\\u0000-\\u001f\\u007f]+$' }), serverSchema)
        .prefault({})
        .meta({ description: 'The servers, one table each: `[servers.NAME]`.' }),
      remarkServers,
    ),
  })
  .meta({ title: 'tslb configuration', description: 'Configuration of tslb, in the format of gobetween.' });

export type ConfigValues = z.output<typeof configSchema>;
