import type { KeepAlive } from '../../../core/limits.ts';
import type { Libc } from './libc.ts';

/** Sockets that are accepted have it of their listener. */
export function setNoDelay(libc: Libc, fd: number): void {
  libc.setOption(fd, 'noDelay', 1);
}

/** A socket has none before. */
export function setKeepAlive(libc: Libc, fd: number, { idleMs, intervalMs, count }: KeepAlive): void {
  if (idleMs === 0) return;
  libc.setOption(fd, 'keepIdle', Math.ceil(idleMs / 1000));
  libc.setOption(fd, 'keepInterval', Math.ceil(intervalMs / 1000));
  libc.setOption(fd, 'keepCount', count);
  libc.setOption(fd, 'keepAlive', 1);
}
