import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

import type { Clock } from '../core/clock.ts';
import { clientOf } from './client.ts';
import type { Login } from './schema.ts';
import { WrongLogins } from './wrong-logins.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route: whether it is answered without a login. */
    readonly isOpen?: boolean;
  }
}

export interface BasicAuth extends Login {
  /** What the browser shows when it asks for the login. */
  readonly realm: string;
}

export interface AuthParts {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Asks for a login (RFC 7617) on every route but those with `config: { isOpen: true }`; what does not exist is 404 for
 * all. It stands at `preParsing`: hooks at `onRequest` answer before it, as CORS has to, and no body is read before it.
 *
 * Who was wrong too often (web/wrong-logins.ts) gets 429 and is not compared any more, right or wrong. Clients of a unix
 * socket are not counted: its mode says who may try.
 */
export function askForLogin(app: FastifyInstance, auth: BasicAuth, { clock, log }: AuthParts): void {
  const isRight = comparison(auth);
  const wrongLogins = new WrongLogins(clock);
  const challenge = `Basic realm="${auth.realm.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

  function refuse(request: FastifyRequest, reply: FastifyReply): void {
    const client = clientOf(request);
    const isCounted = client !== 'unix:' && request.headers.authorization !== undefined;
    if (isCounted && wrongLogins.add(client)) log.warn({ client }, 'wrong login');
    void reply.code(401).header('www-authenticate', challenge).send();
  }

  app.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.is404 || request.routeOptions.config.isOpen === true) {
      done();
      return;
    }
    const waitMs = wrongLogins.waitMs(clientOf(request));
    if (waitMs > 0) {
      void reply
        .code(429)
        .header('retry-after', String(Math.ceil(waitMs / 1000)))
        .send();
      return;
    }
    if (isRight(credentials(request.headers.authorization))) {
      request.login = auth.login;
      done();
    } else refuse(request, reply);
  });
}

/** Takes as long for a wrong login as for a wrong password, and for a long one as for a short one. */
function comparison(wanted: Login): (given: Login | undefined) => boolean {
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const login = digest(wanted.login);
  const password = digest(wanted.password);
  return (given) => {
    const isLogin = timingSafeEqual(digest(given?.login ?? ''), login);
    const isPassword = timingSafeEqual(digest(given?.password ?? ''), password);
    return given !== undefined && isLogin && isPassword;
  };
}

/** @returns undefined where the header is none of Basic */
export function credentials(header: string | undefined): Login | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}
