import * as z from 'zod';

import { eventsHeadersSchema, eventsQuerySchema } from '../../../wire/v1/event.ts';
import { EventFeed } from '../event-feed.ts';
import type { V1App, V1Parts } from '../parts.ts';
import { toReading } from '../responses.ts';

const DESCRIPTION = `Server-sent events (HTML Living Standard, 9.2) until the client leaves.

\`event: snapshot\` once a second has what \`GET /stats\` answers, as \`Snapshot\`; \`event: change\` has a \`Change\` and an id.
First come the recent changes, those after \`Last-Event-ID\` where it is given, and a snapshot of how things stand. A
comment is sent every 15 seconds when there is nothing else. A client that does not keep up misses snapshots, and is cut
after 30 seconds.`;

/** What happens, as it happens. */
export function eventRoutes(app: V1App, parts: V1Parts): void {
  const feed = new EventFeed(parts);

  app.get(
    '/events',
    {
      schema: {
        operationId: 'watch',
        tags: ['process'],
        summary: 'Changes as they happen, and a snapshot each second',
        description: DESCRIPTION,
        querystring: eventsQuerySchema,
        headers: eventsHeadersSchema,
        response: toReading(
          { description: 'The stream.', schema: z.string(), contentType: 'text/event-stream' },
          400,
          503,
        ),
      },
    },
    (request, reply) => {
      const { snapshots, changes } = request.query;
      const kinds = [
        ...(changes === 'true' ? (['change'] as const) : []),
        ...(snapshots === 'true' ? (['snapshot'] as const) : []),
      ];
      feed.open(reply, kinds, request.headers['last-event-id']);
    },
  );
}
