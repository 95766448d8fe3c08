import type { Capacity } from '../../core/balancer.ts';
import type { Candidate } from '../../core/snapshot.ts';
import type { ThreadLedger } from '../../ledger/thread-ledger.ts';

const NONE: readonly never[] = [];

/** What one election takes into account beyond the backends that are in service, within their limits. */
export interface Widening {
  readonly includesEjected?: boolean;
  /** Backends that start slowly take what they can once they have started. */
  readonly ignoresWarmup?: boolean;
}

/**
 * What the backends of a snapshot can take, for the connection that is elected for: a backend that it has not tried,
 * that is below its limit and not ejected. Strategies look here, and reserve here in the same step.
 */
export class BackendCapacity implements Capacity {
  readonly #ledger: ThreadLedger;
  /** By slot. */
  #limitsNow = new Int32Array(0);
  #fullLimits = new Int32Array(0);
  /** Those that this election goes by. */
  #limits = this.#limitsNow;
  #tried: readonly number[] = NONE;
  #includesEjected = false;
  #isProbe = false;

  constructor(ledger: ThreadLedger) {
    this.#ledger = ledger;
  }

  prepare(backends: readonly Candidate[]): void {
    const length = backends.reduce((most, { slot }) => Math.max(most, slot + 1), 0);
    this.#limitsNow = new Int32Array(length);
    this.#fullLimits = new Int32Array(length);
    for (const { slot, maxConnections, fullMaxConnections } of backends) {
      this.#limitsNow[slot] = maxConnections;
      this.#fullLimits[slot] = fullMaxConnections;
    }
  }

  /** To be called before each election. @param tried slots of the backends that it is done with */
  begin(tried: readonly number[], widening?: Widening): void {
    this.#tried = tried;
    this.#includesEjected = widening?.includesEjected === true;
    this.#limits = widening?.ignoresWarmup === true ? this.#fullLimits : this.#limitsNow;
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
