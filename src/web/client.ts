import type { Socket } from 'node:net';

import type { FastifyRequest } from 'fastify';

import type { SocketAddress } from '../core/address.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who has logged in; undefined where nobody has to. Known to what comes after `preParsing`. */
    login: string | undefined;
  }
}

/** Of each connection. The kernel forgets it when one is reset, though what came before the reset is still read. */
const clients = new WeakMap<Socket, string>();

/** Notes who has opened a connection. @returns false when the kernel has forgotten it already */
export function noteClient(socket: Socket, bind: SocketAddress): boolean {
  const client = 'path' in bind ? 'unix:' : socket.remoteAddress?.replace(/^::ffff:(?=[\d.]+$)/, '');
  if (client === undefined) return false;
  clients.set(socket, client);
  return true;
}

/** Who asks, without the port: `192.0.2.1`, `2001:db8::1`, or `unix:` of a unix socket. */
export function clientOf({ raw }: FastifyRequest): string {
  const client = clients.get(raw.socket);
  if (client === undefined) throw new Error('a request on a connection that was not noted');
  return client;
}
