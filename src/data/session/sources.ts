import type { IpAddress, SocketAddress } from '../../core/address.ts';

const NONE: readonly never[] = [];

/**
 * The addresses of this host that the backends of a server are dialled from. A destination keeps its source until that
 * has no port left for it; then the next one is its source.
 */
export class Sources {
  readonly #ipv4: readonly IpAddress[];
  readonly #ipv6: readonly IpAddress[];
  /** By destination; the first one where it is absent. */
  readonly #inUse = new WeakMap<SocketAddress, IpAddress>();

  constructor(ips: readonly string[]) {
    const sources = ips.map((ip): IpAddress => ({ ip, port: 0 }));
    this.#ipv4 = sources.filter(({ ip }) => !ip.includes(':'));
    this.#ipv6 = sources.filter(({ ip }) => ip.includes(':'));
  }

  /** Undefined leaves it to the system: none of this family was configured. */
  of(to: SocketAddress): IpAddress | undefined {
    const sources = this.#for(to);
    return sources.length < 2 ? sources[0] : (this.#inUse.get(to) ?? sources[0]);
  }

  /** How many there are for a destination. */
  count(to: SocketAddress): number {
    return this.#for(to).length;
  }

  /** A source has no port left for the destination, or is no address of this host. */
  moveOn(to: SocketAddress, from: IpAddress): void {
    const sources = this.#for(to);
    if (sources.length < 2 || this.of(to) !== from) return;
    const next = sources[(sources.indexOf(from) + 1) % sources.length];
    if (next !== undefined) this.#inUse.set(to, next);
  }

  #for(to: SocketAddress): readonly IpAddress[] {
    if ('path' in to) return NONE;
    return to.ip.includes(':') ? this.#ipv6 : this.#ipv4;
  }
}
