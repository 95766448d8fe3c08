import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';

const ANY_ORIGIN = { 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' } as const;

/** gobetween's answer to a preflight, whatever it asks for. */
const PREFLIGHT = {
  'access-control-allow-methods': 'PUT,POST,DELETE,GET,OPTIONS',
  'access-control-allow-headers': 'Origin,Authorization',
  'access-control-max-age': '43200',
} as const;

/** What our own routes take besides. */
const OWN_PREFLIGHT = {
  ...PREFLIGHT,
  'access-control-allow-methods': 'PUT,POST,PATCH,DELETE,GET,OPTIONS',
  'access-control-allow-headers': 'Origin,Authorization,Content-Type,If-None-Match,Last-Event-ID',
} as const;

const OWN_PATHS = /^\/v1(?:[/?]|$)/;

/** Lets pages of any other origin ask, as gobetween's `cors` does; a preflight is answered before anything else. */
export const allowOrigins: onRequestHookHandler = (request: FastifyRequest, reply: FastifyReply, done): void => {
  if (!isForeign(request)) {
    done();
    return;
  }
  reply.headers(ANY_ORIGIN);
  if (request.method !== 'OPTIONS') {
    done();
    return;
  }
  void reply.headers(OWN_PATHS.test(request.raw.url ?? '') ? OWN_PREFLIGHT : PREFLIGHT);
  void reply.code(204).send();
};

/** @param request of which `Origin` says what page asks; a page of the API's own host needs no leave */
function isForeign({ headers }: FastifyRequest): boolean {
  const { origin, host = '' } = headers;
  return origin !== undefined && origin !== '' && origin !== `http://${host}` && origin !== `https://${host}`;
}
