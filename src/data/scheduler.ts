import { electorateOf, type Electorate } from '../balance/electorate.ts';
import { balancers, type BalanceKind } from '../balance/registry.ts';
import { NOBODY, type Seats } from '../core/balancer.ts';
import type { ElectionContext } from '../core/context.ts';
import type { Random } from '../core/random.ts';
import type { Candidate, Snapshot } from '../core/snapshot.ts';
import type { ThreadLedger } from '../ledger/thread-ledger.ts';

/**
 * Elects a backend for a connection of one server and reserves it in the same step. The reservation is the slot that
 * `take` returns; the caller gives it back with `giveBack`, exactly once.
 */
export class Scheduler {
  readonly #ledger: ThreadLedger;
  readonly #random: Random;
  readonly #seats: Seats;
  #candidates = new Map<number, Candidate>();
  #limits = new Int32Array(0);
  #electorate: Electorate;
  #tried: readonly number[] = [];

  constructor(ledger: ThreadLedger, random: Random) {
    this.#ledger = ledger;
    this.#random = random;
    this.#electorate = { elect: () => NOBODY };
    this.#seats = {
      active: (slot) => ledger.active(slot),
      bandwidth: (slot) => ledger.bandwidth(slot),
      hasRoom: (slot) => this.#hasRoom(slot),
      take: (slot) => !this.#tried.includes(slot) && ledger.enterBackend(slot, this.#limits[slot] as number),
    };
  }

  /** Elects from these backends from now on. */
  prepare(snapshot: Snapshot, kind: BalanceKind): void {
    this.#ledger.refresh();
    const { backends } = snapshot;
    this.#candidates = new Map(backends.map((candidate) => [candidate.slot, candidate]));
    this.#limits = new Int32Array(backends.reduce((length, { slot }) => Math.max(length, slot + 1), 0));
    for (const { slot, maxConnections } of backends) this.#limits[slot] = maxConnections;
    this.#electorate = electorateOf(backends, balancers[kind], {
      random: this.#random,
      cursors: (tier) => this.#ledger.cursor(tier),
    });
  }

  /** @param tried slots that this connection is done with @returns undefined when no candidate has room */
  take(context: ElectionContext, tried: readonly number[]): Candidate | undefined {
    this.#tried = tried;
    const slot = this.#electorate.elect(context, this.#seats);
    return slot === NOBODY ? undefined : this.#candidates.get(slot);
  }

  giveBack(slot: number): void {
    this.#ledger.leaveBackend(slot);
  }

  /** Whether there is a backend at all, be it full. */
  get hasCandidates(): boolean {
    return this.#candidates.size > 0;
  }

  #hasRoom(slot: number): boolean {
    if (this.#tried.includes(slot)) return false;
    const limit = this.#limits[slot] as number;
    return limit === 0 || this.#ledger.active(slot) < limit;
  }
}
