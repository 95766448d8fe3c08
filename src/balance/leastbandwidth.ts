import { NO_BACKEND } from '../core/balancer.ts';
import { RACES, reserveFrom, slotsOf } from './fallback.ts';
import { defineBalancer } from './kind.ts';

/**
 * The fewest bytes a second, both directions together, as gobetween. The figure is sampled, so a burst between two
 * samples would all go to one backend; members that are level in it are told apart by their active connections, which
 * are exact, and those level in both take turns.
 */
export const leastbandwidth = defineBalancer({
  kind: 'leastbandwidth',
  summary: 'The backend that moves the fewest bytes per second; equal ones by active connections, then in turn.',
  weighted: false,
  prepare(members, { cursor }) {
    const slots = slotsOf(members);
    const level = new Uint32Array(members.length);
    return {
      elect(_context, capacity) {
        for (let race = 0; race < RACES; race++) {
          let count = 0;
          let leastBandwidth = Infinity;
          let leastActive = Infinity;
          for (let i = 0; i < slots.length; i++) {
            const slot = slots[i] as number;
            const bandwidth = capacity.bandwidth(slot);
            if (bandwidth > leastBandwidth) continue;
            const active = capacity.active(slot);
            if (bandwidth === leastBandwidth && active > leastActive) continue;
            if (!capacity.hasRoom(slot)) continue;
            if (bandwidth < leastBandwidth || active < leastActive) count = 0;
            leastBandwidth = bandwidth;
            leastActive = active;
            level[count++] = i;
          }
          if (count === 0) return NO_BACKEND;
          const index = level[count === 1 ? 0 : cursor.next() % count] as number;
          const slot = slots[index] as number;
          if (capacity.reserve(slot)) return slot;
        }
        return reserveFrom(slots, cursor.next() % slots.length, capacity);
      },
    };
  },
});
