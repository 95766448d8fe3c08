import type { IpAddress, SocketAddress } from '../../../core/address.ts';

/** A port that comes free is used after so long at the latest. */
const FOR_MS = 50;

/**
 * Destinations that no local port is left for. A connect that fails for it has looked at every port of the range, which
 * takes the kernel milliseconds: as many of them as there are clients would keep a thread from all else.
 */
export class UsedUpPorts {
  readonly #now: () => number;
  /** By destination and source, undefined where the system chooses it. */
  readonly #until = new WeakMap<SocketAddress, Map<IpAddress | undefined, number>>();
  #last = -Infinity;

  /** @param now milliseconds of a monotonic clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A connect has just failed for it. */
  note(to: SocketAddress, from: IpAddress | undefined): void {
    this.#last = this.#now() + FOR_MS;
    const bySource = this.#until.get(to) ?? new Map<IpAddress | undefined, number>();
    bySource.set(from, this.#last);
    this.#until.set(to, bySource);
  }

  /** Whether a connect would fail for it again. */
  has(to: SocketAddress, from: IpAddress | undefined): boolean {
    const now = this.#now();
    return now < this.#last && now < (this.#until.get(to)?.get(from) ?? -Infinity);
  }
}
