import { Socket } from 'node:net';
import type { KeepAlive } from '../../../core/limits.ts';

/** What libuv sets where Node takes the idle time alone: ten probes, one a second. */
const UV_INTERVAL_MS = 1_000;
const UV_COUNT = 10;

type SetKeepAlive = (enable: boolean, idleMs: number, intervalMs: number, count: number) => void;

/** Node 24.21 and later take all three. */
const TAKES_ALL = Socket.prototype.setKeepAlive.length >= 4;

/**
 * Has the kernel probe the peer. Where Node takes the idle time alone the probes begin late, so that a peer that has
 * vanished is found as late as the three say. No effect on a unix socket.
 */
export function setKeepAlive(socket: Socket, keepAlive: KeepAlive): void {
  const { idleMs, intervalMs, count } = keepAlive;
  if (idleMs === 0) {
    socket.setKeepAlive(false);
    return;
  }
  if (!TAKES_ALL) {
    socket.setKeepAlive(true, firstProbeMs(keepAlive));
    return;
  }
  const setAll = socket.setKeepAlive.bind(socket) as SetKeepAlive;
  setAll(true, wholeSeconds(idleMs), wholeSeconds(intervalMs), count);
}

/** For ten probes of one second each. Exported for its test. */
export function firstProbeMs({ idleMs, intervalMs, count }: KeepAlive): number {
  const foundMs = wholeSeconds(idleMs) + wholeSeconds(intervalMs) * count;
  return Math.max(1_000, foundMs - UV_INTERVAL_MS * UV_COUNT);
}

/** As tcp(7) counts. */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000)) * 1_000;
}
