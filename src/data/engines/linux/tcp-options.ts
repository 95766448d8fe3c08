import type { Libc } from './libc.ts';

/** As gobetween sets them: no delay, and keep-alive. Sockets that are accepted have those of their listener. */
export function setTcpOptions(libc: Libc, fd: number): void {
  setNoDelay(libc, fd);
  setKeepAlive(libc, fd);
}

export function setNoDelay(libc: Libc, fd: number): void {
  libc.setOption(fd, 'noDelay', 1);
}

/** Probes after 15 s idle, 15 s apart, nine of them. */
export function setKeepAlive(libc: Libc, fd: number): void {
  libc.setOption(fd, 'keepIdle', 15);
  libc.setOption(fd, 'keepInterval', 15);
  libc.setOption(fd, 'keepCount', 9);
  libc.setOption(fd, 'keepAlive', 1);
}
