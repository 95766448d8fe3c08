import { reserveFrom, slotsOf } from './fallback.ts';
import { FNV_START, fnv1a } from './hash.ts';
import { defineBalancer } from './kind.ts';

/**
 * FNV-1a of the client's address modulo the number of members, into the list in the order of their keys: the same
 * choice as gobetween's. The address counts as the listener shows it, 4 bytes or 16. Clients of a full member go to the
 * next in the list; all clients of a unix socket are one.
 */
export const iphash = defineBalancer({
  kind: 'iphash',
  summary: 'By a hash of the client address; any change of the backends moves most clients.',
  weighted: false,
  prepare(members) {
    const slots = slotsOf(members);
    return {
      elect: ({ ip, ipLength }, capacity) =>
        reserveFrom(slots, (fnv1a(FNV_START, ip, 0, ipLength) >>> 0) % slots.length, capacity),
    };
  },
});
