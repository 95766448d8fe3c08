import * as z from 'zod';

import { parseDuration } from '../../../config/values/duration.ts';
import { parsedText } from '../../../config/values/values.ts';
import { TslbError } from '../../../core/errors.ts';
import type { ServerStats } from '../../../core/stats.ts';
import {
  putHeadersSchema,
  removedSchema,
  serverParamsSchema,
  serverPatchSchema,
  serverTableSchema,
} from '../../../wire/v1/requests.ts';
import { historySchema, serverSummarySchema, serverWithConfigSchema } from '../../../wire/v1/server.ts';
import { MERGE_PATCH, takeMergePatches } from '../json-bodies.ts';
import type { V1App, V1Parts } from '../parts.ts';
import { historyJson, serverJson, serverSummaryJson } from '../present/server.ts';
import { toBody, toChange, toReading } from '../responses.ts';

const tags = ['servers'];
const params = serverParamsSchema;

const drainQuerySchema = z.strictObject({
  drain: parsedText(parseDuration)
    .prefault('0s')
    .meta({
      description: 'How long its connections may last; those left then are cut. `0s` cuts them at once.',
      examples: ['30s'],
    }),
});

/** @throws TslbError TSLB_NO_SUCH_SERVER */
export function serverNamed({ stats }: V1Parts, name: string): ServerStats {
  const server = stats.now().servers.find((each) => each.name === name);
  if (server === undefined) throw noSuchServer(name);
  return server;
}

function noSuchServer(name: string): TslbError {
  return new TslbError('TSLB_NO_SUCH_SERVER', `there is no server ${name}`, { side: 'client' });
}

function serverWithConfig(parts: V1Parts, name: string) {
  return { server: serverJson(serverNamed(parts, name)), config: parts.reading.serverConfig(name) ?? {} };
}

/** Servers: what they are and do, and changing them as a reload does. */
export function serverRoutes(app: V1App, parts: V1Parts): void {
  const { steering, stats, actor } = parts;

  app.get(
    '/servers',
    {
      schema: {
        operationId: 'listServers',
        tags,
        summary: 'All servers, without their backends',
        response: toReading({
          description: 'In the order of the configuration.',
          schema: z.object({ servers: z.array(serverSummarySchema) }),
        }),
      },
    },
    async () => ({ servers: stats.now().servers.map(serverSummaryJson) }),
  );

  app.get(
    '/servers/:name',
    {
      schema: {
        operationId: 'getServer',
        tags,
        summary: 'One server, with its backends and its configuration',
        params,
        response: toReading({ description: 'The server.', schema: serverWithConfigSchema }, 404),
      },
    },
    async (request) => serverWithConfig(parts, request.params.name),
  );

  app.get(
    '/servers/:name/history',
    {
      schema: {
        operationId: 'getHistory',
        tags,
        summary: 'The last hour of a server',
        params,
        response: toReading({ description: 'A point for each step.', schema: historySchema }, 404),
      },
    },
    async (request) => {
      const history = stats.history(request.params.name);
      if (history === undefined) throw noSuchServer(request.params.name);
      return historyJson(history);
    },
  );

  app.put(
    '/servers/:name',
    {
      schema: {
        operationId: 'putServer',
        tags,
        summary: 'Create a server, or replace its configuration',
        description: 'Answered when it listens. A replacement is a reload: no connection is lost.',
        params,
        headers: putHeadersSchema,
        body: serverTableSchema,
        response: toBody(
          [
            { description: 'Replaced.', schema: serverWithConfigSchema },
            { status: 201, description: 'Created.', schema: serverWithConfigSchema },
          ],
          409,
        ),
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const isNew = request.headers['if-none-match'] === '*';
      const isCreated = await steering.servers.put(name, request.body, { isNew, isStrict: true }, actor(request));
      return reply.code(isCreated ? 201 : 200).send(serverWithConfig(parts, name));
    },
  );

  app.delete(
    '/servers/:name',
    {
      schema: {
        operationId: 'removeServer',
        tags,
        summary: 'Remove a server',
        description: 'It stops listening at once. The answer comes when its last connection has ended.',
        params,
        querystring: drainQuerySchema,
        response: toChange({ description: 'Its last connection has ended.', schema: removedSchema }, 400, 404),
      },
    },
    async (request) => {
      const { name } = request.params;
      await steering.servers.remove(name, { drainMs: request.query.drain }, actor(request));
      return { removed: name };
    },
  );

  void app.register(async (patches: V1App) => {
    takeMergePatches(patches);
    patches.patch(
      '/servers/:name',
      {
        schema: {
          operationId: 'patchServer',
          tags,
          summary: 'Change some keys of a server',
          description: 'A merge patch (RFC 7396) of its table, applied as a reload: no connection is lost.',
          consumes: ['application/json', MERGE_PATCH],
          params,
          body: serverPatchSchema,
          response: toBody([{ description: 'Changed.', schema: serverWithConfigSchema }], 404, 409),
        },
      },
      async (request) => {
        await steering.servers.patch(request.params.name, request.body, actor(request));
        return serverWithConfig(parts, request.params.name);
      },
    );
  });
}
