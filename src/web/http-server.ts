import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

import type { TlsMaterial } from '../tls/material.ts';
import type { WebLimits } from './limits.ts';

/** Node's server within our limits, before it listens and has a handler. HTTP/1.1 alone, also over TLS. */
export function httpServer(limits: WebLimits, tls: TlsMaterial | undefined): Server {
  const options: ServerOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkEveryMs,
  };
  const server =
    tls === undefined
      ? createServer(options)
      : createTlsServer({ ...options, ...tls, handshakeTimeout: limits.handshakeMs });
  // Node leaves out those beyond it without a word; web/guards.ts counts them.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.connections;
  server.on('drop', () => server.closeIdleConnections());
  return server;
}
