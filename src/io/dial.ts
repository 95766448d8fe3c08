import { connect, type Socket, type TcpNetConnectOpts, type IpcNetConnectOpts } from 'node:net';

import type { NamedAddress } from '../core/address.ts';
import type { Lookups } from './names/resolver.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * Connects to an address, one after the other where its name has several. The socket is the caller's to destroy; its
 * errors do not end the process, and show as its close.
 * @throws the system's error of the last address, or at an abort
 */
export async function dial(target: NamedAddress, lookups: Lookups, signal: AbortSignal): Promise<Socket> {
  if ('path' in target) return dialOne({ path: target.path }, signal);
  const addresses = await lookups.addresses(target.host, signal);
  for (const [index, host] of addresses.entries()) {
    try {
      return await dialOne({ host, port: target.port }, signal);
    } catch (thrown) {
      if (signal.aborted || index === addresses.length - 1) throw thrown;
    }
  }
  throw new RangeError('the lookup found no address');
}

function dialOne(options: TcpNetConnectOpts | IpcNetConnectOpts, signal: AbortSignal): Promise<Socket> {
  return untilAborted(signal, 'not connected', (resolve, reject) => {
    const socket = connect(options);
    socket.on('error', reject);
    socket.once('connect', () => resolve(socket));
    return (hasFailed) => {
      if (hasFailed) socket.destroy();
    };
  });
}
