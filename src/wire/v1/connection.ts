import * as z from 'zod';

import { measure, tally, word, words } from './values.ts';

export const connectionSchema = z
  .object({
    id: word('Unique for this process.', '3-128'),
    server: word('The name of its server.', 'web'),
    client: word("The client's address.", '192.0.2.7:51234'),
    backend: word('The key of its backend; absent while it has none.', '10.0.0.1:80').optional(),
    stage: z.enum(['queued', 'connecting', 'connected']).meta({ description: 'Its stage.' }),
    age_ms: measure('Since it was accepted.', 5300),
    queue_ms: measure('How long it has waited for a backend.'),
    rx: tally('Bytes from the backend so far.', 4096),
    tx: tally('Bytes to the backend so far.', 512),
    tried: words('Backends whose dial failed, in order.'),
    tls_name: word(
      'The server name of its TLS hello; absent where the server has no table `sni`.',
      'www.example.org',
    ).optional(),
  })
  .meta({ id: 'Connection', description: 'One connection that is open now.' });

export const connectionListSchema = z
  .object({
    total: tally('The number of all that match, including those beyond `limit`.', 1),
    connections: z.array(connectionSchema).meta({ description: 'The first of them, up to `limit`.' }),
  })
  .meta({ id: 'ConnectionList', description: 'The connections that match, up to `limit`.' });

export type ConnectionJson = z.output<typeof connectionSchema>;
export type ConnectionListJson = z.output<typeof connectionListSchema>;

const matchKeys = {
  server: z
    .string()
    .optional()
    .meta({ description: 'Only of this server.', examples: ['web'] }),
  backend: z
    .string()
    .optional()
    .meta({ description: 'Only with this backend, by its key.', examples: ['10.0.0.1:80'] }),
  client: z
    .string()
    .optional()
    .meta({
      description:
        'Only connections of clients of this address or network (CIDR), IPv4 or IPv6, or of this address and port.',
      examples: ['192.0.2.0/24'],
    }),
};

export const connectionQuerySchema = z.strictObject({
  ...matchKeys,
  sort: z.enum(['age', 'rx', 'tx']).default('age').meta({ description: 'The highest of this first.' }),
  limit: z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(1000)
    .default(100)
    .meta({
      description: 'So many of the top.',
      examples: [100],
    }),
});

export const connectionMatchSchema = z.strictObject({
  ...matchKeys,
  all: z.enum(['true', 'false']).default('false').meta({
    description: '`true` for all connections of all servers. Without it, one of the other parameters is required.',
  }),
});

export const killedSchema = z
  .object({ killed: tally('Connections that were reset.', 1) })
  .meta({ id: 'Killed', description: 'How many connections were reset.' });
