import { connect, type IpcNetConnectOpts, type Socket, type TcpNetConnectOpts } from 'node:net';

import type { SocketAddress } from '../core/address.ts';
import { asError } from '../core/errors.ts';
import { shortageOfError } from '../core/shortage.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * Connects to an address. The socket is the caller's to destroy; its errors do not end the process, and show as its
 * close.
 * @throws the system's error, or at an abort
 */
export function dial(address: SocketAddress, signal: AbortSignal): Promise<Socket> {
  return dialBy('path' in address ? { path: address.path } : { host: address.ip, port: address.port }, signal);
}

/**
 * The same from one of these addresses of this host; the next one is taken where one has no port left, or is none of this
 * host. Those of another family are passed over, and without any the system chooses.
 */
export async function dialFrom(
  sources: readonly string[],
  address: SocketAddress,
  signal: AbortSignal,
): Promise<Socket> {
  const fitting = sourcesFor(address, sources);
  if ('path' in address || fitting.length === 0) return dial(address, signal);
  let failure: Error | undefined;
  for (const localAddress of fitting) {
    try {
      return await dialBy({ host: address.ip, port: address.port, localAddress }, signal);
    } catch (thrown) {
      failure = asError(thrown);
      const shortage = shortageOfError(failure);
      if (signal.aborted || (shortage !== 'ports' && shortage !== 'source_address')) throw failure;
    }
  }
  throw failure ?? new RangeError('there is no source address');
}

/** Those that an address can be dialled from. */
export function sourcesFor(address: SocketAddress, sources: readonly string[]): readonly string[] {
  if ('path' in address) return [];
  return sources.filter((source) => source.includes(':') === address.ip.includes(':'));
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
