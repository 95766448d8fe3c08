import type { Socket } from 'node:net';

/** Resets the connection, and drops what was not delivered. A unix socket knows no reset and is closed. */
export function reset(socket: Socket): void {
  if (socket.destroyed) return;
  if (isUnix(socket)) socket.destroy();
  else socket.resetAndDestroy();
}

/** Of the local end, which the kernel still tells after a reset. */
export function isUnix(socket: Socket): boolean {
  return socket.localFamily === undefined;
}

/** The kernel has given the peer up: it did not answer. Else it has reset the connection. */
export function hasVanished(code: string): boolean {
  return code === 'ETIMEDOUT' || code === 'EHOSTUNREACH';
}
