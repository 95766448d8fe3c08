import type { FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who has logged in; undefined where nobody has to. Known to what comes after `preParsing`. */
    login: string | undefined;
  }
}

/** Who asks, without the port: `192.0.2.1`, `2001:db8::1`, or `unix:` of a unix socket. */
export function clientOf(request: FastifyRequest): string {
  const { remoteAddress } = request.raw.socket;
  return remoteAddress === undefined ? 'unix:' : remoteAddress.replace(/^::ffff:(?=[\d.]+$)/, '');
}
