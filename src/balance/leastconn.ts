import { NO_BACKEND } from '../core/balancer.ts';
import { RACES, reserveFrom, slotsOf } from './fallback.ts';
import { defineBalancer } from './kind.ts';
import { shareOf, weightsOf } from './weighted-sequence.ts';

/**
 * The fewest active connections per weight. Members that are level take smooth weighted turns, as nginx's least_conn
 * does: short connections that never meet are shared by weight as well, and do not all go to the first.
 */
export const leastconn = defineBalancer({
  kind: 'leastconn',
  summary: 'The backend with the fewest active connections for its weight; equal ones take turns by weight.',
  weighted: true,
  prepare(members, { cursor }) {
    const slots = slotsOf(members);
    const weights = weightsOf(members);
    const level = new Uint32Array(members.length);

    /** The index whose turn it is among the first `count` that are level, whose weights add up to `whole`. */
    function turnAmongLevel(count: number, whole: number): number {
      let turn = cursor.next() % whole;
      for (let i = 0; i < count - 1; i++) {
        const index = level[i] as number;
        const part = weights[index] as number;
        const before = shareOf(part, whole, turn);
        if (shareOf(part, whole, turn + 1) > before) return index;
        turn -= before;
        whole -= part;
      }
      return level[count - 1] as number;
    }

    return {
      elect(_context, capacity) {
        for (let race = 0; race < RACES; race++) {
          let count = 0;
          let leastActive = 0;
          let leastWeight = 1;
          let levelWeight = 0;
          for (let i = 0; i < slots.length; i++) {
            const slot = slots[i] as number;
            const active = capacity.active(slot);
            const weight = weights[i] as number;
            const excess = count === 0 ? -1 : active * leastWeight - leastActive * weight;
            if (excess > 0 || !capacity.hasRoom(slot)) continue;
            if (excess < 0) {
              count = 0;
              levelWeight = 0;
              leastActive = active;
              leastWeight = weight;
            }
            level[count++] = i;
            levelWeight += weight;
          }
          if (count === 0) return NO_BACKEND;
          const index = count === 1 ? (level[0] as number) : turnAmongLevel(count, levelWeight);
          const slot = slots[index] as number;
          if (capacity.reserve(slot)) return slot;
        }
        return reserveFrom(slots, cursor.next() % slots.length, capacity);
      },
    };
  },
});
