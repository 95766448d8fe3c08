import { connect, type IpcNetConnectOpts, type Socket, type TcpNetConnectOpts } from 'node:net';

import type { SocketAddress } from '../core/address.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * Connects to an address. The socket is the caller's to destroy; its errors do not end the process, and show as its
 * close.
 * @throws the system's error, or at an abort
 */
export function dial(address: SocketAddress, signal: AbortSignal): Promise<Socket> {
  return dialBy('path' in address ? { path: address.path } : { host: address.ip, port: address.port }, signal);
}

/** The same by Node's options. */
export function dialBy(options: TcpNetConnectOpts | IpcNetConnectOpts, signal: AbortSignal): Promise<Socket> {
  return untilAborted(signal, 'not connected', (resolve, reject) => {
    const socket = connect(options);
    socket.on('error', reject);
    socket.once('connect', () => {
      if (!isOwn(socket)) return resolve(socket);
      // Closed without one, it would keep the backend from its port for a minute.
      socket.resetAndDestroy();
      reject(refused());
    });
    return (hasFailed) => {
      if (hasFailed) socket.destroy();
    };
  });
}

/** A port of the ephemeral range where nobody listens may be our own: then the kernel connects us to ourselves. */
function isOwn({ localAddress, localPort, remoteAddress, remotePort }: Socket): boolean {
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}

/** As the kernel says it where it gives the connect another port. */
export function refused(): Error {
  return Object.assign(new Error('connected to itself: nobody listens there'), { code: 'ECONNREFUSED' });
}
