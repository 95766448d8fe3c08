import type { FastifyBodyParser } from 'fastify';

import { parseJson } from '../../config/text/json.ts';
import { BadRequest } from './errors.ts';
import type { V1App } from './parts.ts';

export const MERGE_PATCH = 'application/merge-patch+json';

/**
 * Takes JSON and nothing else as a body; none at all is one that is absent. A key that stands twice is a fault, as it
 * is in a file, and so is `__proto__`.
 */
export function takeJsonOnly(app: V1App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, jsonParser(app));
}

/** As `application/json`, on the routes of this context. @see RFC 7396 */
export function takeMergePatches(app: V1App): void {
  app.addContentTypeParser(MERGE_PATCH, { parseAs: 'string' }, jsonParser(app));
}

function jsonParser(app: V1App): FastifyBodyParser<string> {
  const parseSafely = app.getDefaultJsonParser('error', 'error');
  return (request, body, done) => {
    if (body.trim() === '') return done(null, undefined);
    const [fault] = parseJson(body).problems;
    if (fault !== undefined) return done(notJson(fault.message));
    // It is JSON: what is left to refuse is a key that would change what all objects inherit.
    void parseSafely(request, body, (error, value) => {
      if (error === null) done(null, value);
      else done(new BadRequest('TSLB_REQUEST_BODY', 'the body has a key "__proto__" or "constructor.prototype"'));
    });
  };
}

function notJson(why: string): BadRequest {
  return new BadRequest('TSLB_REQUEST_BODY', `the body is not JSON: ${why}`);
}
