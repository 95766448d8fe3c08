import type { FastifyInstance, FastifyReply } from 'fastify';

import { parseDuration } from '../../config/values/duration.ts';
import { TslbError } from '../../core/errors.ts';
import { actorOf } from '../../web/client.ts';
import { sendJson, sendReason } from './answers.ts';
import { readBody } from './body.ts';
import type { ApiParts } from './parts.ts';
import { refusalOf } from './refusals.ts';
import { serverStats } from './server-stats.ts';
import { firstOf, GET_ONLY } from './tolerance.ts';

interface Named {
  readonly Params: { readonly name: string };
}

interface Removal extends Named {
  readonly Querystring: { readonly drain?: string | string[] };
}

/** `/servers` and what is below. Of a name that is not known gobetween says `null`, with status 200. */
export function serverRoutes(
  app: FastifyInstance,
  { reading, steering, stats }: Pick<ApiParts, 'reading' | 'steering' | 'stats'>,
): void {
  app.get('/servers', GET_ONLY, (_request, reply) => {
    const configs = reading.servers().map(({ name }) => [name, reading.serverConfig(name) ?? null] as const);
    return sendJson(reply, new Map(configs));
  });

  app.get<Named>('/servers/:name', GET_ONLY, ({ params: { name } }, reply) =>
    sendJson(reply, reading.serverConfig(name) ?? null),
  );

  app.get<Named>('/servers/:name/stats', GET_ONLY, ({ params: { name } }, reply) => {
    const server = reading.server(name);
    if (server === undefined) return sendJson(reply, null);
    const last = stats.latest().servers.find((other) => other.name === name && other.since === server.since);
    return sendJson(reply, serverStats({ server, backends: reading.backends(name), last }));
  });

  app.post<Named>('/servers/:name', async (request, reply) => {
    try {
      await steering.servers.put(request.params.name, readBody(request.body), { isNew: true }, actorOf(request, 'api'));
    } catch (thrown) {
      return refuse(reply, thrown);
    }
    return sendJson(reply, null);
  });

  app.delete<Removal>('/servers/:name', async (request, reply) => {
    const drain = drainOf(request.query.drain);
    if ('faults' in drain) return sendReason(reply, 400, `drain: ${drain.faults[0]?.message ?? ''}`);
    try {
      await steering.servers.remove(request.params.name, { drainMs: drain.value }, actorOf(request, 'api'));
    } catch (thrown) {
      if (!isUnknownName(thrown)) return refuse(reply, thrown);
    }
    return sendJson(reply, null);
  });
}

/** An empty text is as good as none. */
function drainOf(query: string | string[] | undefined): ReturnType<typeof parseDuration> {
  const text = firstOf(query) ?? '';
  return parseDuration(text === '' ? '0' : text);
}

/** @throws what is none of the client's business */
function refuse(reply: FastifyReply, thrown: unknown): FastifyReply {
  const refusal = refusalOf(thrown);
  if (refusal === undefined) throw thrown;
  return sendReason(reply, refusal.status, refusal.reason);
}

function isUnknownName(thrown: unknown): boolean {
  return thrown instanceof TslbError && thrown.code === 'TSLB_NO_SUCH_SERVER';
}
