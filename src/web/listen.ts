import { once } from 'node:events';
import type { Server } from 'node:net';

import { addressText, type IpAddress, type SocketAddress } from '../core/address.ts';
import { asError, errorCode, TslbError } from '../core/errors.ts';
import { listenAtPath } from '../io/unix-socket.ts';

/** Of the file of a unix socket. */
const OWNER_ALONE = 0o600;

/** An address that an HTTP service listens at. */
export interface WebListener {
  /** With the port that the kernel chose. */
  readonly address: SocketAddress;
  /** Removes what the listener leaves behind. */
  readonly cleanUp: () => void;
}

/**
 * Has a server listen.
 * @param service whose it is, for the message
 * @throws TslbError TSLB_BIND
 */
export async function listen(server: Server, bind: SocketAddress, service: string): Promise<WebListener> {
  try {
    if ('path' in bind)
      return { address: bind, cleanUp: await listenAtPath(server, { path: bind.path, mode: OWNER_ALONE }) };
    const port = await listenAtIp(server, bind);
    return { address: { ip: bind.ip, port }, cleanUp: () => undefined };
  } catch (thrown) {
    throw new TslbError('TSLB_BIND', `${service}: ${failureText(addressText(bind), thrown)}`, { cause: thrown });
  }
}

/** @returns the port in use */
async function listenAtIp(server: Server, { ip, port }: IpAddress): Promise<number> {
  try {
    server.listen({ host: ip === '*' ? '::' : ip, port });
    await once(server, 'listening');
  } catch (thrown) {
    if (ip !== '*' || !['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(errorCode(thrown))) throw thrown;
    return listenAtIp(server, { ip: '0.0.0.0', port });
  }
  const address = server.address();
  return address === null || typeof address === 'string' ? port : address.port;
}

function failureText(bind: string, thrown: unknown): string {
  switch (errorCode(thrown)) {
    case 'EADDRINUSE':
      return `${bind} is already in use`;
    case 'EACCES':
      return bind.startsWith('unix:')
        ? `${bind} cannot be created: tslb has no permission to write there`
        : `no permission to listen on ${bind}; ports below 1024 need root or CAP_NET_BIND_SERVICE`;
    case 'EADDRNOTAVAIL':
      return `${bind} is not an address of this machine`;
    case 'ENOENT':
    case 'ENOTDIR':
      return `${bind} cannot be created: its directory does not exist`;
    default:
      return `cannot listen on ${bind}: ${asError(thrown).message}`;
  }
}
