import { NO_BACKEND, type Balancer, type Cursor, type Member, type Selection } from '../core/balancer.ts';
import type { Random } from '../core/random.ts';
import type { Candidate } from '../core/snapshot.ts';

export interface SelectionTools {
  /** The cursor of a tier, counted from 0, which no other tier has. */
  readonly cursors: (tier: number) => Cursor;
  readonly random: Random;
}

/**
 * Prepares the balancer for each tier of a snapshot: the first tier that has room gives the member. Of no candidates
 * NO_BACKEND is elected.
 */
export function selectionOf(
  candidates: readonly Candidate[],
  balancer: Balancer,
  { cursors, random }: SelectionTools,
): Selection {
  const tiers = tiersOf(candidates, balancer.weighted).map((members, tier) =>
    balancer.prepare(members, { cursor: cursors(tier), random }),
  );
  return {
    elect(context, capacity) {
      for (const tier of tiers) {
        const slot = tier.elect(context, capacity);
        if (slot !== NO_BACKEND) return slot;
      }
      return NO_BACKEND;
    },
  };
}

/**
 * The lists that are asked one after the other until one has room. The lowest priority comes first, the next is its
 * backup. Within a priority, a balancer that knows weights asks members of weight 0 only after the others, each with
 * weight 1; to one that ignores weights all are equal.
 * @returns no empty list, each in byte order of the keys; nothing for no candidates
 */
export function tiersOf(candidates: readonly Candidate[], weighted: boolean): readonly (readonly Member[])[] {
  const isReserve = ({ weight }: Candidate): boolean => weighted && weight === 0;
  const sorted = candidates.toSorted(
    (a, b) => a.priority - b.priority || Number(isReserve(a)) - Number(isReserve(b)) || compareBytes(a.key, b.key),
  );
  const tiers: Member[][] = [];
  let last: Candidate | undefined;
  for (const candidate of sorted) {
    if (last?.priority !== candidate.priority || isReserve(last) !== isReserve(candidate)) tiers.push([]);
    tiers.at(-1)?.push({ slot: candidate.slot, key: candidate.key, weight: Math.max(1, candidate.weight) });
    last = candidate;
  }
  return tiers;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
