import { reserveFrom, slotsOf, TURNS } from './fallback.ts';
import { defineBalancer } from './kind.ts';
import { weightedSequence, weightsOf } from './weighted-sequence.ts';

/**
 * In exact proportion to the weights, smoothly interleaved (weighted-sequence.ts), where gobetween draws at random. All
 * threads walk one sequence, which is cut short once in 2^32 turns, when the cursor begins again. The turn of a full
 * member goes to the next one in the sequence, so that the others share it by their weights too.
 */
export const weight = defineBalancer({
  kind: 'weight',
  summary: 'In exact proportion to the weights, evenly interleaved: 2:3 gives 2 and 3 of every 5 connections.',
  weighted: true,
  prepare(members, { cursor }) {
    const slots = slotsOf(members);
    const sequence = weightedSequence(weightsOf(members));
    return {
      elect(_context, capacity) {
        let index = 0;
        for (let tried = 0; tried < TURNS; tried++) {
          index = sequence.at(cursor.next() % sequence.total);
          const slot = slots[index] as number;
          if (capacity.reserve(slot)) return slot;
        }
        return reserveFrom(slots, index, capacity);
      },
    };
  },
});
