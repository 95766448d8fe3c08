import { isIP, type Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';

import { untilAborted } from '../io/until-aborted.ts';

export interface SecureOptions {
  readonly context: SecureContext;
  /** What the certificate must name: a host name, which is sent as SNI, or an address. */
  readonly serverName: string;
  /** Whether the certificate is checked. */
  readonly isVerified: boolean;
}

/**
 * Shakes hands for TLS over a connected socket, which belongs to the result from now on.
 * @throws the error of the socket or of OpenSSL, or at an abort; the socket is destroyed then
 */
export function secure(
  socket: Socket,
  { context, serverName, isVerified }: SecureOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return untilAborted(signal, 'connected, but no TLS', (resolve, reject) => {
    const name = isIP(serverName) === 0 ? { servername: serverName } : { host: serverName };
    const tls = connect({ socket, secureContext: context, rejectUnauthorized: isVerified, ...name });
    const onClose = (): void => reject(new Error('closed during the TLS handshake'));
    tls.on('error', reject);
    tls.once('close', onClose);
    tls.once('secureConnect', () => resolve(tls));
    return (hasFailed) => {
      tls.off('close', onClose);
      if (!hasFailed) return;
      tls.destroy();
      socket.destroy();
    };
  });
}
