import { reserveFrom, slotsOf } from './fallback.ts';
import { defineBalancer } from './kind.ts';
import { firstAbove, runningSums, weightsOf } from './weighted-sequence.ts';

/**
 * The power of two choices (Mitzenmacher, IEEE TPDS 2001): of two different members drawn at random the one with fewer
 * active connections per weight, the first drawn where they are level. Nearly as even as leastconn without looking at
 * all of them, and many threads or nodes that see the same figures do not all run to the same backend.
 * Members are drawn by weight, as nginx's `random two` does: drawn alike, one of a hundred could never get more than a
 * fiftieth, whatever its weight.
 */
export const random2 = defineBalancer({
  kind: 'random2',
  summary: 'Of two backends drawn at random by weight, the one with fewer active connections for its weight.',
  weighted: true,
  prepare(members, { random }) {
    const slots = slotsOf(members);
    const weights = weightsOf(members);
    const sums = runningSums(weights);
    const total = sums[members.length] as number;

    /** Whose ticket it is, of as many as the weights add up to. */
    const owner = (ticket: number): number => firstAbove(sums, ticket) - 1;

    /** Draws from all but one, whose tickets are closed up. */
    function drawBut(index: number): number {
      const excluded = weights[index] as number;
      const ticket = Math.floor(random() * (total - excluded));
      return owner(ticket < (sums[index] as number) ? ticket : ticket + excluded);
    }

    return {
      elect(_context, capacity) {
        const first = owner(Math.floor(random() * total));
        if (slots.length > 1) {
          const second = drawBut(first);
          const one = slots[first] as number;
          const other = slots[second] as number;
          const isOtherLess =
            capacity.active(other) * (weights[first] as number) < capacity.active(one) * (weights[second] as number);
          if (capacity.reserve(isOtherLess ? other : one)) return isOtherLess ? other : one;
          if (capacity.reserve(isOtherLess ? one : other)) return isOtherLess ? one : other;
        }
        return reserveFrom(slots, first, capacity);
      },
    };
  },
});
