import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { answerUnknownRoute } from './unknown-route.ts';

/** Of a route for GET: HEAD is an unknown route in gobetween. */
export const GET_ONLY = { exposeHeadRoute: false } as const;

/** Has the body of every request read as it is, whatever it is said to be. */
export function takeAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, _reply, done) => {
    ignoreContentType(request);
    done();
  });
}

/** What is not there is 404, not 415. */
export function ignoreContentTypeOfUnknown(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) ignoreContentType(request);
    done();
  });
}

/** fastify refuses a type that it cannot read before it asks any parser. */
function ignoreContentType({ raw }: FastifyRequest): void {
  delete raw.headers['content-type'];
}

/** gobetween routes by the decoded path: a name is never empty and has no slash, however it is written. */
export function refuseNamesThatCannotBe(app: FastifyInstance): void {
  app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    const { name } = request.params as { readonly name?: string };
    if (name === '' || name?.includes('/') === true) void answerUnknownRoute(request, reply);
    else done();
  });
}

/** The first of a key that stands more than once in a query, as Go takes it. */
export function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
