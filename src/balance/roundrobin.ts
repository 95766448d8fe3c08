import { reserveFrom, slotsOf, TURNS } from './fallback.ts';
import { defineBalancer } from './kind.ts';

/**
 * One after the other in the order of their keys, as gobetween; weights are ignored. The turn of a full member is passed
 * over: a client takes the next turn instead, so that all others share what it leaves, not its neighbour alone.
 */
export const roundrobin = defineBalancer({
  kind: 'roundrobin',
  summary: 'Each backend in turn, in the order of their addresses as text; weights are ignored.',
  weighted: false,
  prepare(members, { cursor }) {
    const slots = slotsOf(members);
    return {
      elect(_context, capacity) {
        let index = 0;
        for (let tried = 0; tried < TURNS; tried++) {
          index = cursor.next() % slots.length;
          const slot = slots[index] as number;
          if (capacity.reserve(slot)) return slot;
        }
        return reserveFrom(slots, index, capacity);
      },
    };
  },
});
