import { createRequire } from 'node:module';
import { asError, errorCode } from '../../../core/errors.ts';

/**
 * The calls into libc that we make, by koffi. libc.ts alone imports this: it gives them types, and names to their
 * numbers.
 */

const SIGNATURES = {
  accept4: 'int accept4(int, void *, void *, int)',
  bind: 'int bind(int, const void *, uint)',
  close: 'int close(int)',
  connect: 'int connect(int, const void *, uint)',
  epoll_create1: 'int epoll_create1(int)',
  epoll_ctl: 'int epoll_ctl(int, int, int, const void *)',
  epoll_wait: 'int epoll_wait(int, void *, int, int)',
  eventfd: 'int eventfd(uint, int)',
  // Variadic in C; where we run, an argument is passed alike.
  fcntl: 'int fcntl(int, int, int)',
  getsockname: 'int getsockname(int, void *, void *)',
  getsockopt: 'int getsockopt(int, int, int, void *, void *)',
  ioctl: 'int ioctl(int, ulong, void *)',
  listen: 'int listen(int, int)',
  pipe2: 'int pipe2(void *, int)',
  read: 'long read(int, void *, size_t)',
  recv: 'long recv(int, void *, size_t, int)',
  // With addresses as numbers: to hand over a part of a buffer would make an object for each call.
  recvAt: 'long recv(int, size_t, size_t, int)',
  recvmmsg: 'int recvmmsg(int, size_t, uint, int, size_t)',
  send: 'long send(int, const void *, size_t, int)',
  sendAt: 'long send(int, size_t, size_t, int)',
  sendmmsg: 'int sendmmsg(int, size_t, uint, int)',
  sendmsg: 'long sendmsg(int, size_t, int)',
  setsockopt: 'int setsockopt(int, int, int, const void *, uint)',
  shutdown: 'int shutdown(int, int)',
  socket: 'int socket(int, int, int)',
  splice: 'long splice(int, void *, int, void *, size_t, uint)',
  write: 'long write(int, const void *, size_t)',
} as const;

type Call = (...args: readonly (number | Uint8Array | Int32Array | null)[]) => number;

export type Calls = Readonly<Record<keyof typeof SIGNATURES, Call>>;

/** As much of koffi as we use. */
interface Koffi {
  load(path: null): { func(signature: string): Call };
  address(of: Uint8Array): bigint;
  errno(): number;
}

/** libc as it is, with the errno of the last call; koffi keeps one for each thread. */
export interface Ffi {
  readonly calls: Calls;
  readonly errno: () => number;
  /** Where its memory is, as long as it lives. */
  readonly addressOf: (memory: Uint8Array) => number;
}

/** @throws Error that says why there is no koffi */
export function loadFfi(): Ffi {
  const koffi = loadKoffi();
  // The process itself: libc's symbols are in it already, whichever libc that is.
  const library = koffi.load(null);
  const calls = Object.entries(SIGNATURES).map(([name, signature]) => [name, library.func(signature)]);
  return {
    calls: Object.fromEntries(calls) as Calls,
    errno: () => koffi.errno(),
    addressOf: (memory) => Number(koffi.address(memory)),
  };
}

/** By require, because it is optional: an import of what is not there would end the program. */
function loadKoffi(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (cause) {
    if (errorCode(cause) === 'MODULE_NOT_FOUND') throw new Error('the package koffi is not installed', { cause });
    throw new Error(`the package koffi does not load: ${asError(cause).message}`, { cause });
  }
}
