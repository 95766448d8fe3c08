import type { Libc } from './libc.ts';

/** How often the kernel is asked. */
const LOOK_EVERY_MS = 1_000;

/** Where SO_MEMINFO tells of drops: SK_MEMINFO_DROPS of linux/sock_diag.h. */
const DROPS = 8;

/** Datagrams that the kernel has dropped because a socket's receive buffer was full. It counts them in 32 bits. */
export class ReceiveDrops {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #memory = new Int32Array(DROPS + 1);
  #before = 0;
  #lookedAt = 0;

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  /** Looks once a second at most. @returns those since the last look */
  since(now: number): number {
    if (now - this.#lookedAt < LOOK_EVERY_MS) return 0;
    this.#lookedAt = now;
    if (!this.#libc.readSocketMemory(this.#fd, this.#memory)) return 0;
    const drops = this.#memory[DROPS] as number;
    const since = (drops - this.#before) >>> 0;
    this.#before = drops;
    return since;
  }
}
