import type { FastifyReply, FastifyRequest } from 'fastify';

import { htmlText } from '../../web/html-text.ts';

/** By method: what a path must be to be one of gobetween's. */
const ROUTES: Readonly<Record<string, RegExp>> = {
  GET: /^\/(?:ping|dump|servers(?:\/[^/]+(?:\/stats)?)?)$/,
  POST: /^\/servers\/[^/]+$/,
  DELETE: /^\/servers\/[^/]+$/,
};

/** Redirects a path with a trailing slash to the one without; every other path is not found. */
export function answerUnknownRoute(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { method } = request;
  const [path, query] = partsOf(request.raw.url ?? '');
  const known = path.slice(0, -1);
  if (path.endsWith('/') && ROUTES[method]?.test(known) === true) return redirect(reply, method, known + query);
  return reply.code(404).type('text/plain').send('404 page not found');
}

/** As Go's http.Redirect: a GET gets a line of HTML for people, the others an empty body. */
function redirect(reply: FastifyReply, method: string, location: string): FastifyReply {
  void reply.header('location', asciiOf(location));
  if (method !== 'GET') return reply.code(307).send();
  const link = `<a href="${htmlText(location)}">Moved Permanently</a>.\n\n`;
  return reply.code(301).type('text/html; charset=utf-8').send(link);
}

/** @returns the path, and the query with its question mark */
function partsOf(url: string): readonly [path: string, query: string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark)];
}

/** Node gives the bytes of a URL that are not ASCII as Latin-1. */
function asciiOf(url: string): string {
  return url.replaceAll(/[^\x20-\x7e]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
