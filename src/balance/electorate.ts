import { NOBODY, type Balancer, type Cursor, type Elector } from '../core/balancer.ts';
import type { Random } from '../core/random.ts';
import type { Candidate } from '../core/snapshot.ts';
import { tiersOf } from './tiers.ts';

/** Everyone who may be elected from one snapshot: the first tier that has room gives the member. */
export type Electorate = Elector;

export interface ElectorateTools {
  /** The cursor of a tier, counted from 0. Tiers that share one disturb each other's sequence. */
  readonly cursors: (tier: number) => Cursor;
  readonly random: Random;
}

/** Prepares the balancer for each tier of a snapshot. No candidates make an electorate that elects NOBODY. */
export function electorateOf(
  candidates: readonly Candidate[],
  balancer: Balancer,
  { cursors, random }: ElectorateTools,
): Electorate {
  const electors = tiersOf(candidates, balancer.weighted).map((members, tier) =>
    balancer.prepare(members, { cursor: cursors(tier), random }),
  );
  return {
    elect(context, seats) {
      for (const elector of electors) {
        const slot = elector.elect(context, seats);
        if (slot !== NOBODY) return slot;
      }
      return NOBODY;
    },
  };
}
