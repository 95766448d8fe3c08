import type { Capacity } from '../../core/balancer.ts';
import type { Candidate } from '../../core/snapshot.ts';
import type { ThreadLedger } from '../../ledger/thread-ledger.ts';

const NONE: readonly never[] = [];

/**
 * What the backends of a snapshot can take, for the connection that is elected for: a backend that it has not tried,
 * that is below its limit and not ejected. Strategies look here, and reserve here in the same step.
 */
export class BackendCapacity implements Capacity {
  readonly #ledger: ThreadLedger;
  /** By slot. */
  #limits = new Int32Array(0);
  #tried: readonly number[] = NONE;
  #includesEjected = false;
  #isProbe = false;

  constructor(ledger: ThreadLedger) {
    this.#ledger = ledger;
  }

  prepare(backends: readonly Candidate[]): void {
    this.#limits = new Int32Array(backends.reduce((length, { slot }) => Math.max(length, slot + 1), 0));
    for (const { slot, maxConnections } of backends) this.#limits[slot] = maxConnections;
  }

  /** To be called before each election. @param tried slots of the backends that it is done with */
  begin(tried: readonly number[], options?: { readonly includesEjected: boolean }): void {
    this.#tried = tried;
    this.#includesEjected = options?.includesEjected === true;
    this.#isProbe = false;
  }

  /** Whether the backend that was taken last is being probed, by this connection alone. */
  get wasProbe(): boolean {
    return this.#isProbe;
  }

  active(slot: number): number {
    return this.#ledger.active(slot);
  }

  bandwidth(slot: number): number {
    return this.#ledger.bandwidth(slot);
  }

  hasRoom(slot: number): boolean {
    if (this.#tried.includes(slot)) return false;
    if (!this.#ledger.isInService(slot) && !this.#includesEjected && !this.#ledger.isProbing(slot)) return false;
    const limit = this.#limits[slot] as number;
    return limit === 0 || this.#ledger.active(slot) < limit;
  }

  reserve(slot: number): boolean {
    if (this.#tried.includes(slot)) return false;
    const isProbe = !this.#ledger.isInService(slot) && !this.#includesEjected;
    if (isProbe && !this.#ledger.takeProbe(slot)) return false;
    if (this.#ledger.enterBackend(slot, this.#limits[slot] as number)) {
      this.#isProbe = isProbe;
      return true;
    }
    if (isProbe) this.#ledger.returnProbe(slot);
    return false;
  }

  giveBack(slot: number): void {
    this.#ledger.leaveBackend(slot);
  }
}
