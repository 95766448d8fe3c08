import { reserveFrom, slotsOf } from './fallback.ts';
import { defineBalancer } from './kind.ts';

/** One after the other in the order of their keys, as gobetween; weights are ignored and a full member is passed over. */
export const roundrobin = defineBalancer({
  kind: 'roundrobin',
  summary: 'Each backend in turn, in the order of their addresses as text; weights are ignored.',
  weighted: false,
  prepare(members, { cursor }) {
    const slots = slotsOf(members);
    return {
      elect: (_context, capacity) => reserveFrom(slots, cursor.next() % slots.length, capacity),
    };
  },
});
