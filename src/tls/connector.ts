import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';

import type { NamedAddress } from '../core/address.ts';
import { dial } from '../io/dial.ts';
import type { Lookups } from '../io/names/resolver.ts';
import type { TlsChoice } from './client-keys.ts';
import { secure } from './secure.ts';
import { systemRoots } from './system-roots.ts';

/** Opens a connection, which is the caller's to destroy. @throws as `dial` and `secure` */
export type Connect = (target: NamedAddress, signal: AbortSignal) => Promise<Socket>;

/** @param tls absent: without TLS */
export function connector(lookups: Lookups, tls?: TlsChoice): Connect {
  if (tls === undefined) return (target, signal) => dial(target, lookups, signal);
  let context: SecureContext | undefined;
  return async (target, signal) => {
    const socket = await dial(target, lookups, signal);
    context ??= systemRoots();
    const serverName = tls.serverName ?? serverNameOf(target);
    return secure(socket, { context, serverName, isVerified: tls.isVerified }, signal);
  };
}

/** What the certificate of the other side must name, unless the configuration says. */
function serverNameOf(target: NamedAddress): string {
  return 'path' in target ? 'localhost' : target.host;
}
