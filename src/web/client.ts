import { isIPv6, type Socket } from 'node:net';

import type { FastifyRequest } from 'fastify';

import type { SocketAddress } from '../core/address.ts';
import type { Actor } from '../core/steering.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The login of the client; undefined where none is asked for. Known from `preParsing` on. */
    login: string | undefined;
  }
}

export interface Client {
  /** Without the port: `192.0.2.1`, `2001:db8::1`, or `unix:` of a unix socket. */
  readonly address: string;
  readonly network: string;
}

/** Of each connection. The kernel forgets it when one is reset, though what came before the reset is still read. */
const clients = new WeakMap<Socket, Client>();

/** Notes who has opened a connection. @returns undefined when the kernel has forgotten it already */
export function noteClient(socket: Socket, bind: SocketAddress): Client | undefined {
  const address = 'path' in bind ? 'unix:' : socket.remoteAddress?.replace(/^::ffff:(?=[\d.]+$)/, '');
  if (address === undefined) return undefined;
  const client = { address, network: networkOf(address) };
  clients.set(socket, client);
  return client;
}

/** Who has opened a connection that was noted. */
export function clientOn(socket: Socket): Client | undefined {
  return clients.get(socket);
}

/** Who asks. */
export function clientOf({ raw }: FastifyRequest): string {
  const client = clientOn(raw.socket);
  if (client === undefined) throw new Error('a request on a connection that was not noted');
  return client.address;
}

/** Who asks for a change, and where. */
export function actorOf(request: FastifyRequest, via: Actor['via']): Actor {
  const { login } = request;
  return { via, client: clientOf(request), ...(login !== undefined && { login }) };
}

/** A host with one IPv6 address has 2^64 of them. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('%', 1).join('').split('::');
  const left = head.split(':').filter((group) => group !== '');
  const right = tail.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
