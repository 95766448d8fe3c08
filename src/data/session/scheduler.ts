import { balancers, type BalanceKind } from '../../balance/registry.ts';
import { selectionOf } from '../../balance/selection.ts';
import { NOBODY, type Elector, type Seats } from '../../core/balancer.ts';
import type { ElectionContext } from '../../core/context.ts';
import type { Random } from '../../core/random.ts';
import type { Candidate, Snapshot } from '../../core/snapshot.ts';
import type { ThreadLedger } from '../../ledger/thread-ledger.ts';

const NONE: readonly never[] = [];

/**
 * Elects a backend for a connection of one server and reserves it in the same step. The reservation is the slot that
 * `take` returns; the caller gives it back with `giveBack`, exactly once.
 */
export class Scheduler {
  readonly #ledger: ThreadLedger;
  readonly #random: Random;
  readonly #seats: Seats;
  #candidates = new Map<number, Candidate>();
  #bySerial = new Map<number, Candidate>();
  #limits = new Int32Array(0);
  #selection: Elector;
  /** Slots of backends that have them still. */
  #tried: readonly number[] = NONE;
  /** Whether backends may be ejected, by what is in force. */
  #mayBeEjected = false;
  /** Those that are ejected are elected, too. */
  #isDesperate = false;
  /** The backend taken last is probed. */
  #isProbe = false;

  constructor(ledger: ThreadLedger, random: Random) {
    this.#ledger = ledger;
    this.#random = random;
    this.#selection = { elect: () => NOBODY };
    this.#seats = {
      active: (slot) => ledger.active(slot),
      bandwidth: (slot) => ledger.bandwidth(slot),
      hasRoom: (slot) => this.#hasRoom(slot),
      take: (slot) => this.#take(slot),
    };
  }

  /** Elects from these backends from now on. */
  prepare(snapshot: Snapshot, kind: BalanceKind): void {
    this.#ledger.refresh();
    const { backends } = snapshot;
    this.#candidates = new Map(backends.map((candidate) => [candidate.slot, candidate]));
    this.#bySerial = new Map(backends.map((candidate) => [candidate.serial, candidate]));
    this.#mayBeEjected = backends.some(({ maxFails }) => maxFails > 0);
    this.#limits = new Int32Array(backends.reduce((length, { slot }) => Math.max(length, slot + 1), 0));
    for (const { slot, maxConnections } of backends) this.#limits[slot] = maxConnections;
    this.#selection = selectionOf(backends, balancers[kind], {
      random: this.#random,
      cursors: (tier) => this.#ledger.cursor(tier),
    });
  }

  /** @param tried those that this connection is done with @returns undefined when no candidate has room */
  take(context: ElectionContext, tried: readonly Candidate[]): Candidate | undefined {
    this.#tried = this.#slotsOf(tried);
    this.#isProbe = false;
    const slot = this.#selection.elect(context, this.#seats);
    return slot === NOBODY ? undefined : this.#candidates.get(slot);
  }

  /**
   * As take, of a server where all that may be elected are ejected: rather than nobody, all of them are asked, as nginx
   * does.
   */
  takeInDespair(context: ElectionContext, tried: readonly Candidate[]): Candidate | undefined {
    if (!this.#mayBeEjected || this.isUp(NONE)) return undefined;
    this.#isDesperate = true;
    const backend = this.take(context, tried);
    this.#isDesperate = false;
    return backend;
  }

  /** The backend of this serial, if it can be elected and has room. */
  takeOne(serial: number, tried: readonly Candidate[]): Candidate | undefined {
    const candidate = this.#bySerial.get(serial);
    if (candidate === undefined) return undefined;
    this.#tried = this.#slotsOf(tried);
    this.#isProbe = false;
    return this.#take(candidate.slot) ? candidate : undefined;
  }

  /** Whether the one that was taken last is ejected and tried by this client alone. */
  get wasProbe(): boolean {
    return this.#isProbe;
  }

  giveBack(slot: number): void {
    this.#ledger.leaveBackend(slot);
  }

  /** Whether there is a backend that gets clients, be it full. @param tried those that do not count */
  isUp(tried: readonly Candidate[]): boolean {
    if (!this.#mayBeEjected && tried.length === 0) return this.#candidates.size > 0;
    const slots = this.#slotsOf(tried);
    for (const slot of this.#candidates.keys()) {
      if (!slots.includes(slot) && this.#ledger.isInUse(slot)) return true;
    }
    return false;
  }

  /** Since it was tried, a backend may have left, and its slot be another's. */
  #slotsOf(backends: readonly Candidate[]): readonly number[] {
    if (backends.length === 0) return NONE;
    return backends.filter(({ serial }) => this.#bySerial.has(serial)).map(({ slot }) => slot);
  }

  #hasRoom(slot: number): boolean {
    if (this.#tried.includes(slot)) return false;
    if (!this.#ledger.isInUse(slot) && !this.#isDesperate && !this.#ledger.isProbing(slot)) return false;
    const limit = this.#limits[slot] as number;
    return limit === 0 || this.#ledger.active(slot) < limit;
  }

  #take(slot: number): boolean {
    if (this.#tried.includes(slot)) return false;
    const isProbe = !this.#ledger.isInUse(slot) && !this.#isDesperate;
    if (isProbe && !this.#ledger.takeProbe(slot)) return false;
    if (this.#ledger.enterBackend(slot, this.#limits[slot] as number)) {
      this.#isProbe = isProbe;
      return true;
    }
    if (isProbe) this.#ledger.returnProbe(slot);
    return false;
  }
}
