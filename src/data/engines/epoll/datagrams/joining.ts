import type { Libc } from '../../linux/libc.ts';

/** So many datagrams of one client in a row are a burst. */
const BURST = 4;
/** Looked at together; of them so many have to come in bursts. */
const WINDOW = 1024;
const IN_BURSTS = 256;

/**
 * Has the kernel join the datagrams of a burst (UDP_GRO) once many come in bursts: to look for joined ones costs those that
 * are not. It is never switched off again: what is joined already would come as one datagram then.
 */
export class Joining {
  readonly #libc: Libc;
  readonly #fd: number;
  isOn = false;
  #seen = 0;
  #inBursts = 0;

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  /** So many datagrams of one client and one size have come together. */
  note(count: number): void {
    if (this.isOn) return;
    if (count >= BURST) this.#inBursts += count;
    this.#seen += count;
    if (this.#inBursts >= IN_BURSTS) {
      this.isOn = true;
      this.#libc.setOption(this.#fd, 'joinDatagrams', 1);
    } else if (this.#seen >= WINDOW) this.#seen = this.#inBursts = 0;
  }
}
