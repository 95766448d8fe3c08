import { NOBODY, type Member, type Seats } from '../core/balancer.ts';

/** The members' slots as a list that an election can walk without touching an object. */
export function slotsOf(members: readonly Member[]): Uint32Array {
  return Uint32Array.from(members, (member) => member.slot);
}

/**
 * Takes a seat at the first member with room, from index `start` on and around. The last step of every election, and
 * what makes NOBODY mean nobody: it asks each member once.
 */
export function takeFrom(slots: Uint32Array, start: number, seats: Seats): number {
  let index = start;
  for (let left = slots.length; left > 0; left--) {
    const slot = slots[index] as number;
    if (seats.take(slot)) return slot;
    index = index + 1 === slots.length ? 0 : index + 1;
  }
  return NOBODY;
}

/** How often an election looks again when another thread took the seat it had chosen, before it takes any. */
export const RACES = 4;
