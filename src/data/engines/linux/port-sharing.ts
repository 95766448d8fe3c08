import { readdirSync } from 'node:fs';
import type { IpAddress } from '../../../core/address.ts';
import { type Libc, loadLibc } from './libc.ts';
import { openListeningSocket } from './listening-socket.ts';
import { encodeAddress, LARGEST_BYTES } from './socket-address.ts';

/** The number of no interface: what is bound to it hears nothing. */
const NO_INTERFACE = 0x7fff_ffff;

/**
 * Has sockets of this process listen side by side at overlapping addresses of one port (`*:80` and `127.0.0.1:80`), so
 * that one can take the place of the other. Sockets are found by their address, whichever thread has opened them.
 */
export class PortSharing {
  readonly #libc: Libc;

  /** @throws Error that says why this platform cannot */
  constructor() {
    this.#libc = loadLibc();
  }

  /**
   * Whether sockets that overlap with these may be bound (SO_REUSEPORT). The kernel asks both sides, and only at the
   * bind. Afterwards it still lets in sockets of the same user that ask for it themselves.
   */
  allow(addresses: readonly IpAddress[], isAllowed: boolean): void {
    for (const fd of this.#listenersAt(addresses)) this.#libc.setOption(fd, 'reusePort', isAllowed ? 1 : 0);
  }

  /**
   * New clients go to the listener that overlaps with these, as if these were closed; those whose handshake is under way
   * still arrive here. The kernel passes over a listener of another interface, and does not ask whether that exists.
   */
  passOver(addresses: readonly IpAddress[]): void {
    for (const fd of this.#listenersAt(addresses)) this.#libc.setOption(fd, 'boundInterface', NO_INTERFACE);
  }

  /** @returns a descriptor that listens, beside others that allow it @throws Error with the system's code */
  open(address: IpAddress): number {
    return openListeningSocket(this.#libc, address, true);
  }

  /** Closes what `open` gave, unless that is done already. */
  discard(fd: number, address: IpAddress): void {
    if (this.#isListenerAt(fd, encodingsOf([address]))) this.#libc.close(fd);
  }

  #listenersAt(addresses: readonly IpAddress[]): readonly number[] {
    const encodings = encodingsOf(addresses);
    return readdirSync('/proc/self/fd')
      .map(Number)
      .filter((fd) => this.#isListenerAt(fd, encodings));
  }

  #isListenerAt(fd: number, encodings: readonly Buffer[]): boolean {
    if (!this.#libc.isListening(fd)) return false;
    const bytes = new Uint8Array(LARGEST_BYTES);
    const length = this.#libc.localAddress(fd, bytes);
    return encodings.some((encoding) => encoding.equals(bytes.subarray(0, length)));
  }
}

/** A host without IPv6 has the wildcard of IPv4 for `*`. */
function encodingsOf(addresses: readonly IpAddress[]): readonly Buffer[] {
  return addresses.flatMap((address) =>
    address.ip === '*'
      ? [encodeAddress(address), encodeAddress({ ...address, ip: '0.0.0.0' })]
      : [encodeAddress(address)],
  );
}
