import { type Server, STATUS_CODES } from 'node:http';
import { Server as TlsServer } from 'node:tls';

import type { FastifyError, FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

import type { SocketAddress } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import { type TlsFiles, type TlsMaterial, tlsMaterial } from '../tls/material.ts';
import { askForLogin, type BasicAuth } from './basic-auth.ts';
import { Connections } from './connections.ts';
import { addGuards } from './guards.ts';
import { isOwnHost } from './host.ts';
import { httpServer } from './http-server.ts';
import { type WebLimits, webLimits } from './limits.ts';
import { listen, type WebListener } from './listen.ts';
import { isLocal } from './local.ts';
import { endMalformed } from './malformed.ts';
import { WebRefusal } from './refusal.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export interface WebOptions {
  /** What it serves, for messages: `api`, `metrics`, `stats`. */
  readonly service: string;
  /** A unix socket is for the user of this process alone: mode 0600. */
  readonly bind: SocketAddress;
  /** Of the address, as the configuration has it. */
  readonly host?: string | undefined;
  readonly tls?: TlsFiles | undefined;
  /** Absent: no login is asked for. */
  readonly auth?: BasicAuth | undefined;
  /** Whether pages of other origins may ask for changes. */
  readonly cors?: boolean;
  readonly limits?: Partial<WebLimits>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A service that listens. */
export interface Web {
  /** In use, with the port that the kernel chose. */
  readonly address: SocketAddress;
  /** Reads certificate and key again; new connections get them. @throws TslbError TSLB_WEB_TLS; the old ones stay then */
  renewTls(): Promise<void>;
  /** Stops listening, ends streams and idle connections at once, and the others when they have their answers. */
  retire(): Promise<void>;
  /** As retire, which may have been called, and ends those that are left a second later. */
  close(): Promise<void>;
}

/**
 * Opens an HTTP service on the main thread.
 * @param register adds its routes, its own `setErrorHandler` and `setNotFoundHandler` among them
 * @throws TslbError TSLB_BIND or TSLB_WEB_TLS; nothing is open then
 */
export async function openWeb(
  options: WebOptions,
  register: (app: FastifyInstance) => void | Promise<void>,
): Promise<Web> {
  const { service, bind, tls, clock } = options;
  const material = tls === undefined ? undefined : await tlsMaterial(service, tls);
  const { app, server, connections } = await prepare(options, material);
  let listener: WebListener;
  try {
    await app.register(async (surface) => register(surface));
    await app.ready();
    listener = await listen(server, bind, service);
  } catch (thrown) {
    await app.close();
    throw thrown;
  }
  // One client could not be accepted, for want of a descriptor.
  server.on('error', (err) => options.log.debug({ err }, 'client not accepted'));
  const { address, cleanUp } = listener;
  let retiring: Promise<void> | undefined;

  function retire(): Promise<void> {
    retiring ??= stopListening();
    return retiring;
  }

  async function stopListening(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const finished = app.close();
    const retired = connections.retire(clock);
    try {
      cleanUp();
    } finally {
      await Promise.all([closed, finished, retired]);
    }
  }

  return {
    address,
    async renewTls() {
      if (tls !== undefined && server instanceof TlsServer) server.setSecureContext(await tlsMaterial(service, tls));
    },
    retire,
    async close() {
      await Promise.all([retire(), connections.end(clock)]);
    },
  };
}

interface Prepared {
  readonly app: FastifyInstance;
  readonly server: Server;
  readonly connections: Connections;
}

/** Loads fastify, which costs nothing until a service is opened. */
async function prepare(
  { auth, cors = false, host, ...options }: WebOptions,
  tls: TlsMaterial | undefined,
): Promise<Prepared> {
  const { bind, clock, log } = options;
  const limits = { ...webLimits(), ...options.limits };
  const { fastify } = await import('fastify');
  let connections: Connections | undefined;
  let server: Server | undefined;
  const app = fastify({
    serverFactory: (handler) => {
      server = httpServer(limits, tls);
      connections = new Connections(server, bind, limits);
      return server.on('request', connections.handled(handler));
    },
    clientErrorHandler: (error, socket) => endMalformed(error, socket, connections?.isAnswering(socket) === true),
    frameworkErrors: ({ statusCode = 400 }, _request, { raw }) =>
      void raw.writeHead(statusCode, { ...SECURITY_HEADERS, 'content-length': 0 }).end(),
    bodyLimit: limits.bodyBytes,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: limits.urlLength },
  });
  if (server === undefined || connections === undefined) throw new Error('fastify made no server');
  app.decorateRequest('login', undefined);
  const known = connections;
  app.decorate('answering', () => known.answering);
  // Without a login and `cors` every user of this machine may ask, but no page in their browsers.
  const isOpen = 'path' in bind || !isLocal({ host: bind.ip, port: 0 }) || auth !== undefined || cors;
  addGuards(app, { limits, clock, isForeignAllowed: cors, isOwnHost: (asked) => isOpen || isOwnHost(asked, host) });
  if (auth !== undefined) askForLogin(app, auth, { clock, log });
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const status = thrown.statusCode ?? 500;
    const { method, routeOptions } = request;
    const isRefusal = thrown instanceof WebRefusal;
    if (status >= 500 && !isRefusal)
      log.error({ method, route: routeOptions.url, err: asError(thrown) }, 'request failed');
    return reply
      .code(status)
      .type('text/plain; charset=utf-8')
      .send(isRefusal ? thrown.message : STATUS_CODES[status]);
  });
  return { app, server, connections };
}
