import type { Libc } from './libc.ts';

/** As gobetween sets them: no delay, keep-alive probes after 15 s idle, 15 s apart, nine of them. */
export function setTcpOptions(libc: Libc, fd: number): void {
  libc.setOption(fd, 'noDelay', 1);
  libc.setOption(fd, 'keepAlive', 1);
  libc.setOption(fd, 'keepIdle', 15);
  libc.setOption(fd, 'keepInterval', 15);
  libc.setOption(fd, 'keepCount', 9);
}
