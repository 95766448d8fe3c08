import { NO_BACKEND } from '../core/balancer.ts';
import { RACES, reserveFrom, slotsOf } from './fallback.ts';
import { FNV_START, fnv1a } from './hash.ts';
import { defineBalancer } from './kind.ts';

/**
 * Rendezvous hashing: FNV-1a of the client's address followed by the member's key, the largest hash wins, the first of
 * equals: the same choice as gobetween's, except that its hash of exactly 0 can win here. Members without room are
 * passed over, so their clients go to their second choice and no other client moves. Linear in the length of all keys.
 */
export const iphash1 = defineBalancer({
  kind: 'iphash1',
  summary: 'By a hash of client and backend address together; a removed backend moves only its own clients.',
  weighted: false,
  prepare(members) {
    const slots = slotsOf(members);
    const keys = Buffer.from(members.map((member) => member.key).join(''));
    const ends = new Uint32Array(members.length);
    members.forEach(({ key }, i) => (ends[i] = (i === 0 ? 0 : (ends[i - 1] as number)) + Buffer.byteLength(key)));
    return {
      elect({ ip, ipLength }, capacity) {
        const client = fnv1a(FNV_START, ip, 0, ipLength);
        for (let race = 0; race < RACES; race++) {
          let chosen = NO_BACKEND;
          let largest = -1;
          let from = 0;
          for (let i = 0; i < slots.length; i++) {
            const to = ends[i] as number;
            const hash = fnv1a(client, keys, from, to) >>> 0;
            from = to;
            if (hash > largest && capacity.hasRoom(slots[i] as number)) {
              largest = hash;
              chosen = slots[i] as number;
            }
          }
          if (chosen === NO_BACKEND || capacity.reserve(chosen)) return chosen;
        }
        return reserveFrom(slots, 0, capacity);
      },
    };
  },
});
