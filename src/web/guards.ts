import type { IncomingHttpHeaders } from 'node:http';

import type { FastifyInstance } from 'fastify';

import type { Clock } from '../core/clock.ts';
import type { WebLimits } from './limits.ts';
import { isReading } from './reading.ts';
import { WebRefusal } from './refusal.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export interface Guards {
  readonly limits: WebLimits;
  readonly clock: Clock;
  /** Whether pages of other origins may change something, as `cors` says. */
  readonly isForeignAllowed: boolean;
  /** Whether a `Host` is ours. */
  readonly isOwnHost: (host: string) => boolean;
}

/** What holds for each request before anybody looks at it, and for each answer. */
export function addGuards(app: FastifyInstance, { limits, clock, isForeignAllowed, isOwnHost }: Guards): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers(SECURITY_HEADERS);
    const { rawHeaders, url = '', method = '', httpVersionMajor } = request.raw;
    if (httpVersionMajor !== 1) void reply.code(400).header('connection', 'close').send();
    else if (rawHeaders.length / 2 > limits.headers) void reply.code(431).send();
    else if (url.length > limits.urlLength) void reply.code(414).send();
    else if (!isOwnHost(request.headers.host ?? 'localhost')) done(wrongHost(request.headers.host));
    else if (!isForeignAllowed && !isReading(method) && isForeign(request.headers)) void reply.code(403).send();
    else done();
  });

  app.addHook('onSend', (request, reply, payload, done) => {
    // Else the rest of what is too large would have to be read.
    if (reply.statusCode === 413) void reply.header('connection', 'close');
    const timer = clock.after(limits.answerMs, () => request.raw.socket.destroy());
    reply.raw.once('close', () => timer.cancel());
    done(null, payload);
  });
}

function wrongHost(host = ''): WebRefusal {
  const message = `this service answers this machine only: use an IP address or localhost, not ${JSON.stringify(host)}`;
  return new WebRefusal(421, 'TSLB_REQUEST_HOST', message);
}

/**
 * Whether a page of another origin has a browser ask, with the login that the browser keeps. Programs send no Origin. A
 * browser of today says itself where it is asked from, which holds also behind a proxy that changes the host.
 */
function isForeign({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return false;
  if (site !== undefined) return site !== 'same-origin';
  return !URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase();
}
