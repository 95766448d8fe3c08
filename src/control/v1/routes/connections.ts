import { parseClients } from '../../../config/values/clients.ts';
import type { ClientFilter, ConnectionMatch } from '../../../core/connection-list.ts';
import { TslbError } from '../../../core/errors.ts';
import {
  connectionListSchema,
  connectionMatchSchema,
  connectionQuerySchema,
  killedSchema,
} from '../../../wire/v1/connection.ts';
import { connectionParamsSchema } from '../../../wire/v1/requests.ts';
import { BadRequest } from '../errors.ts';
import type { V1App, V1Parts } from '../parts.ts';
import { connectionJson } from '../present/connection.ts';
import { toChange, toReading } from '../responses.ts';

const tags = ['connections'];

/** Connections that are open now. */
export function connectionRoutes(app: V1App, { reading, steering, actor }: V1Parts): void {
  app.get(
    '/connections',
    {
      schema: {
        operationId: 'listConnections',
        tags,
        summary: 'Connections that are open now',
        querystring: connectionQuerySchema,
        response: toReading({ description: 'Those that match.', schema: connectionListSchema }, 400, 503),
      },
    },
    async (request) => {
      const { sort, limit } = request.query;
      const { total, connections } = await reading.connections({ ...given(request.query), sort, limit });
      return { total, connections: connections.map(connectionJson) };
    },
  );

  app.delete(
    '/connections/:id',
    {
      schema: {
        operationId: 'killConnection',
        tags,
        summary: 'Reset one connection',
        description:
          'Client and backend see a reset. The cause is KD; KQ while waiting, KC before a backend is connected, KL at' +
          ' the end.',
        params: connectionParamsSchema,
        response: toChange({ description: 'It was reset.', schema: killedSchema }, 404),
      },
    },
    async (request) => {
      const { id } = request.params;
      if (await steering.connections.kill(id, actor(request))) return { killed: 1 };
      throw new TslbError('TSLB_NO_SUCH_CONNECTION', `there is no connection ${id}`, { side: 'client' });
    },
  );

  app.delete(
    '/connections',
    {
      schema: {
        operationId: 'killConnections',
        tags,
        summary: 'Reset all connections that match',
        description: 'Requires `server`, `backend` or `client`, or `all=true`.',
        querystring: connectionMatchSchema,
        response: toChange({ description: 'They were reset.', schema: killedSchema }, 400),
      },
    },
    async (request) => {
      const match = given(request.query);
      if (Object.keys(match).length === 0 && request.query.all === 'false') {
        throw new BadRequest(
          'TSLB_REQUEST_QUERY',
          'say which connections: give server, backend or client, or all=true',
        );
      }
      return { killed: await steering.connections.killAll(match, actor(request)) };
    },
  );
}

interface Asked {
  readonly server?: string | undefined;
  readonly backend?: string | undefined;
  readonly client?: string | undefined;
}

/** What was left empty matches everything, as what was left out. @throws BadRequest */
function given({ server = '', backend = '', client = '' }: Asked): ConnectionMatch {
  return {
    ...(server !== '' && { server }),
    ...(backend !== '' && { backend }),
    ...(client !== '' && { client: clientsOf(client) }),
  };
}

function clientsOf(text: string): ClientFilter {
  const read = parseClients(text);
  if ('value' in read) return read.value;
  throw new BadRequest('TSLB_REQUEST_QUERY', `client: ${read.wrong}`);
}
