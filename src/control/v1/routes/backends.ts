import * as z from 'zod';

import { TslbError } from '../../../core/errors.ts';
import {
  type OrphanedOverrideJson,
  orphanedOverrideSchema,
  backendChangeSchema,
  type BackendJson,
  backendSchema,
  changedBackendSchema,
} from '../../../wire/v1/backend.ts';
import { backendParamsSchema, newBackendSchema, removedSchema, serverParamsSchema } from '../../../wire/v1/requests.ts';
import type { V1App, V1Parts } from '../parts.ts';
import { orphanedOverrideJson, backendJson } from '../present/backend.ts';
import { toBody, toChange, toReading } from '../responses.ts';
import { serverNamed } from './servers.ts';

const tags = ['backends'];
const oneBackend = z.object({ backend: backendSchema });
const allBackends = z.object({
  backends: z.array(backendSchema),
  orphaned: z.array(orphanedOverrideSchema).meta({ description: 'Overrides for backends that it does not have now.' }),
});

/** @throws TslbError TSLB_NO_SUCH_SERVER */
function findBackend(parts: V1Parts, server: string, key: string): BackendJson | undefined {
  const backend = serverNamed(parts, server).backends.find((each) => each.key === key);
  return backend && backendJson(backend);
}

/** @throws TslbError TSLB_NO_SUCH_SERVER or TSLB_NO_SUCH_BACKEND */
function backendNamed(parts: V1Parts, server: string, key: string): { backend: BackendJson } {
  const backend = findBackend(parts, server, key);
  if (backend !== undefined) return { backend };
  throw new TslbError('TSLB_NO_SUCH_BACKEND', `the server ${server} has no backend ${key}`, { side: 'client' });
}

/** One that is not there may have been changed all the same. @throws TslbError TSLB_NO_SUCH_SERVER */
function changedBackend(
  parts: V1Parts,
  server: string,
  key: string,
): { backend: BackendJson } | { orphaned: OrphanedOverrideJson } {
  const backend = findBackend(parts, server, key);
  if (backend !== undefined) return { backend };
  const orphaned = parts.reading.orphanedOverrides(server).find((each) => each.key === key);
  return { orphaned: orphanedOverrideJson(orphaned ?? { key }) };
}

/** The backends of a server: how they fare, and their overrides. */
export function backendRoutes(app: V1App, parts: V1Parts): void {
  const { reading, steering, actor } = parts;

  app.get(
    '/servers/:name/backends',
    {
      schema: {
        operationId: 'listBackends',
        tags,
        summary: 'The backends of a server',
        description: 'Those included that left the list and still have connections.',
        params: serverParamsSchema,
        response: toReading({ description: 'In byte order of their keys.', schema: allBackends }, 404),
      },
    },
    async ({ params: { name } }) => ({
      backends: serverNamed(parts, name).backends.map(backendJson),
      orphaned: reading.orphanedOverrides(name).map(orphanedOverrideJson),
    }),
  );

  app.get(
    '/servers/:name/backends/:key',
    {
      schema: {
        operationId: 'getBackend',
        tags,
        summary: 'One backend',
        params: backendParamsSchema,
        response: toReading({ description: 'The backend.', schema: oneBackend }, 404),
      },
    },
    async (request) => backendNamed(parts, request.params.name, request.params.key),
  );

  app.post(
    '/servers/:name/backends',
    {
      schema: {
        operationId: 'addBackend',
        tags,
        summary: 'Add a backend',
        description: 'Beside those that discovery finds. `Location` says where it is.',
        params: serverParamsSchema,
        body: newBackendSchema,
        response: toBody([{ status: 201, description: 'Added.', schema: oneBackend }], 404, 409),
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const key = await steering.backends.add(name, request.body, actor(request));
      const [path = ''] = request.url.split('?');
      return reply
        .code(201)
        .header('location', `${path}/${encodeURIComponent(key)}`)
        .send(backendNamed(parts, name, key));
    },
  );

  app.patch(
    '/servers/:name/backends/:key',
    {
      schema: {
        operationId: 'changeBackend',
        tags,
        summary: 'Drain, disable or enable a backend; set its weight or limit',
        description:
          'Overrides hold until they are cleared with `null` or tslb ends; a reload leaves them. What holds for one' +
          ' that is not' +
          ' there any more can be changed, too.',
        params: backendParamsSchema,
        body: backendChangeSchema,
        response: toBody([{ description: 'Changed.', schema: changedBackendSchema }], 404),
      },
    },
    async (request) => {
      const { name, key } = request.params;
      const { state, weight, max_connections: maxConnections } = request.body;
      const change = {
        ...(state !== undefined && { state }),
        ...(weight !== undefined && { weight }),
        ...(maxConnections !== undefined && { maxConnections }),
      };
      await steering.backends.change(name, key, change, actor(request));
      return changedBackend(parts, name, key);
    },
  );

  app.delete(
    '/servers/:name/backends/:key',
    {
      schema: {
        operationId: 'removeBackend',
        tags,
        summary: 'Remove a backend',
        description: 'Even if discovery finds it, until it is added again. Its connections may finish.',
        params: backendParamsSchema,
        response: toChange({ description: 'It gets no more clients.', schema: removedSchema }, 404),
      },
    },
    async (request) => {
      const { name, key } = request.params;
      await steering.backends.remove(name, key, actor(request));
      return { removed: key };
    },
  );
}
