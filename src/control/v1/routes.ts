import type { FastifyPluginAsync } from 'fastify';
import type * as z from 'zod';

import { TslbError } from '../../core/errors.ts';
import { isReading } from '../../web/reading.ts';
import { refusalOf } from './errors.ts';
import { takeJsonOnly } from './json-bodies.ts';
import { watchMethods } from './methods.ts';
import { documentRoutes } from './openapi.ts';
import type { V1App, V1Parts } from './parts.ts';
import { readPart } from './reading.ts';
import { backendRoutes } from './routes/backends.ts';
import { connectionRoutes } from './routes/connections.ts';
import { eventRoutes } from './routes/events.ts';
import { processRoutes } from './routes/process.ts';
import { serverRoutes } from './routes/servers.ts';

export type { V1Parts } from './parts.ts';
export { snapshotJson } from './present/snapshot.ts';

/** Our own API, for the prefix under which it is registered. The service has asked for the login before. */
export function v1Routes(parts: V1Parts): FastifyPluginAsync {
  return async (instance) => {
    const app = instance as unknown as V1App;
    app.setValidatorCompiler<z.ZodType>(({ schema, httpPart = 'body' }) => (raw) => {
      try {
        return { value: readPart(schema, raw, httpPart) };
      } catch (thrown) {
        return { error: thrown as Error };
      }
    });
    // Answers are held to their schemas by the compiler, and by tests.
    app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
    takeJsonOnly(app);
    answerErrors(app, parts);
    forbidChanges(app, parts);

    const refuseOtherMethods = watchMethods(app);
    await documentRoutes(app, parts);
    processRoutes(app, parts);
    serverRoutes(app, parts);
    backendRoutes(app, parts);
    connectionRoutes(app, parts);
    eventRoutes(app, parts);
    refuseOtherMethods();
  };
}

function answerErrors(app: V1App, { log }: V1Parts): void {
  app.setErrorHandler((thrown, request, reply) => {
    const { status, body, fault } = refusalOf(thrown);
    if (fault !== undefined) {
      log.error({ method: request.method, route: request.routeOptions.url, err: fault }, 'request failed');
    }
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler((request) => {
    const [path] = request.url.split('?');
    throw new TslbError('TSLB_NO_SUCH_ROUTE', `there is no ${path}`, { side: 'client' });
  });
}

/** Before the body is read, and after the login was asked for. */
function forbidChanges(app: V1App, { mayChange }: V1Parts): void {
  app.addHook('preParsing', async (request) => {
    if (isReading(request.method)) return;
    const may = mayChange(request);
    if (may !== true) throw new TslbError('TSLB_FORBIDDEN', may, { side: 'client' });
  });
}
