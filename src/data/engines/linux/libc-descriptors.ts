import { getSystemErrorName } from 'node:util';
import type { Calls, Ffi } from './ffi.ts';
import * as kernel from './kernel.ts';

/** Try again when the poller says so (EAGAIN, EINPROGRESS). */
export const WOULD_BLOCK = -1;
/** The connection is gone, or was never made; `errorName` says how. */
export const BROKEN = -2;
/** Out of descriptors or memory. */
export const EXHAUSTED = -3;

/** The system's name of an error: `ECONNREFUSED`. */
export function codeOf(errno: number): string {
  return getSystemErrorName(-errno);
}

/**
 * What all calls into libc share: which descriptors are open, and what became of a call. `Libc` (libc.ts) has the calls
 * themselves.
 */
export abstract class LibcDescriptors {
  protected readonly calls: Calls;
  readonly #errno: () => number;
  /** Where the memory of a buffer is, as long as it lives. */
  readonly addressOf: (memory: Uint8Array) => number;
  /** Of the last call that gave BROKEN or EXHAUSTED. */
  #failure = 0;
  /** By descriptor, 1 where it was opened here and not closed yet; for the thread that cleans up after this one. */
  #opened: Uint8Array = new Uint8Array(0);

  constructor({ calls, errno, addressOf }: Ffi) {
    this.calls = calls;
    this.#errno = errno;
    this.addressOf = addressOf;
  }

  /** Keeps this list of what is open from now on; a descriptor beyond its end is not in it. */
  trackIn(opened: Uint8Array): void {
    this.#opened = opened;
  }

  /** The number of what went wrong in the last call: errno(3). */
  protected get errno(): number {
    return this.#errno();
  }

  close(fd: number): void {
    this.#opened[fd] = 0;
    this.calls.close(fd);
  }

  /** Of the last call that gave BROKEN or EXHAUSTED. */
  errorName(): string {
    return codeOf(this.#errno());
  }

  /** Whether the last call that gave BROKEN did so because the peer has vanished, and not because it has reset. */
  get hasVanished(): boolean {
    return kernel.NO_ANSWER.has(this.#failure);
  }

  /** Takes note of a descriptor that was opened. @returns it, or the word for why there is none */
  protected keep(fd: number): number {
    if (fd < 0) return this.word();
    this.#opened[fd] = 1;
    return fd;
  }

  /** What the last call that failed says of it. */
  protected word(): number {
    const errno = this.#errno();
    if (errno === kernel.AGAIN || errno === kernel.IN_PROGRESS || errno === kernel.INTERRUPTED) return WOULD_BLOCK;
    this.#failure = errno;
    return kernel.OUT_OF.has(errno) ? EXHAUSTED : BROKEN;
  }

  /** @throws Error with the system's code */
  protected check(result: number, call: string): number {
    if (result >= 0) return result;
    const code = codeOf(this.#errno());
    throw Object.assign(new Error(`${call} ${code}`), { code, syscall: call });
  }
}
