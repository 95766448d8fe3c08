import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';

import type { NamedAddress, ResolvedTarget } from '../core/address.ts';
import type { Dialer } from '../io/dialer.ts';
import type { TlsChoice } from './client-keys.ts';
import { secure } from './secure.ts';
import { systemRoots } from './system-roots.ts';

/** Opens a connection, which is the caller's to destroy. @throws as `Dialer.connect` and `secure` */
export type Connect = (target: ResolvedTarget, signal: AbortSignal) => Promise<Socket>;

export interface ConnectorOptions {
  /** Absent: without TLS. */
  readonly tls?: TlsChoice | undefined;
  /** That the caller gives a connection; 0 where it is not limited. */
  readonly timeoutMs: number;
}

export function connector(dialer: Dialer, { tls, timeoutMs }: ConnectorOptions): Connect {
  if (tls === undefined) return (target, signal) => dialer.connect(target, timeoutMs, signal);
  let context: SecureContext | undefined;
  return async (resolved, signal) => {
    const socket = await dialer.connect(resolved, timeoutMs, signal);
    context ??= systemRoots();
    const serverName = tls.serverName ?? serverNameOf(resolved.target);
    return secure(socket, { context, serverName, isVerified: tls.isVerified }, signal);
  };
}

/** What the certificate of the other side must name, unless the configuration says. */
function serverNameOf(target: NamedAddress): string {
  return 'path' in target ? 'localhost' : target.host;
}
