import * as z from 'zod';

import { moment, word, words } from './values.ts';

const at = moment('When it happened.');
const server = word('The name of the server.', 'web');

/** core/events.ts as JSON. */
export const changeSchema = z
  .discriminatedUnion('type', [
    z
      .object({
        type: z.literal('backend'),
        at,
        server,
        backend: word('Its key.', '10.0.0.1:80'),
        what: z.enum(['up', 'down', 'ejected', 'probing', 'restored', 'state', 'unresolved']),
        reason: word('One line, for people.', 'connection refused'),
      })
      .meta({ description: 'A backend has changed.' }),
    z
      .object({ type: z.literal('server'), at, server, what: z.enum(['all-ejected', 'panic', 'panic-over']) })
      .meta({ description: 'All backends of a server were ejected, or its checks are ignored, or heeded again.' }),
    z
      .object({
        type: z.literal('reloaded'),
        at,
        added: words('Names of servers.', 'mail'),
        changed: words('Names of servers.', 'web'),
        removed: words('Names of servers.'),
      })
      .meta({ description: 'The configuration in force has changed.' }),
    z
      .object({
        type: z.literal('changed'),
        at,
        by: word('The operator, as login and service.', 'admin via api'),
        what: word('One line.', 'drained web/10.0.0.1:80'),
      })
      .meta({ description: 'Something was changed at runtime.' }),
    z
      .object({ type: z.literal('reset'), at, server: server.optional() })
      .meta({ description: 'Counters were reset: those of one server, or of all.' }),
  ])
  .meta({ id: 'Change', description: 'Something that has happened.' });

export type ChangeJson = z.output<typeof changeSchema>;

const onByDefault = z.enum(['true', 'false']).default('true');

export const eventsQuerySchema = z.strictObject({
  snapshots: onByDefault.meta({ description: '`false` leaves the snapshots out.' }),
  changes: onByDefault.meta({ description: '`false` leaves the changes out.' }),
});

export const eventsHeadersSchema = z.looseObject({
  'last-event-id': z.string().optional().meta({
    description:
      'The id of the last change that was seen; only later ones are sent. Browsers do so when they reconnect.',
  }),
});
