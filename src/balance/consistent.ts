import type { ElectionContext } from '../core/context.ts';
import { isMappedIPv4 } from '../wire/ip.ts';
import { reserveFrom, slotsOf } from './fallback.ts';
import { FNV_START, mix } from './hash.ts';
import { defineBalancer } from './kind.ts';
import { maglevTable } from './maglev.ts';
import { weightsOf } from './weighted-sequence.ts';

/** Table entries that an election tries before it takes any member with room. */
const STEPS = 16;

/**
 * Maglev hashing with weights (see maglev.ts). It depends on the keys and weights alone, so all threads and all nodes
 * choose alike; an IPv4 client is the same on an IPv4 and on a dual-stack listener. Clients of a full member are spread
 * over the others.
 */
export const consistent = defineBalancer({
  kind: 'consistent',
  summary: 'By the client address, in proportion to the weights; a change of the backends moves few other clients.',
  weighted: true,
  prepare(members) {
    const slots = slotsOf(members);
    const table = maglevTable(
      members.map((member) => member.key),
      weightsOf(members),
    );
    return {
      elect(context, capacity) {
        let entry = clientHash(context) % table.length;
        for (let step = 0; step < STEPS; step++) {
          const slot = slots[table[entry] as number] as number;
          if (capacity.reserve(slot)) return slot;
          entry = entry + 1 === table.length ? 0 : entry + 1;
        }
        return reserveFrom(slots, table[entry] as number, capacity);
      },
    };
  },
});

/** A hash of the address, that of ::ffff:a.b.c.d being that of a.b.c.d. All clients of a unix socket are one. */
function clientHash({ ip, ipLength }: ElectionContext): number {
  let hash = FNV_START;
  for (let i = ipLength === 16 && isMappedIPv4(ip) ? 12 : 0; i < ipLength; i += 4) {
    hash = mix(hash ^ word(ip, i));
  }
  return hash;
}

/** Four bytes in network order. */
function word(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
