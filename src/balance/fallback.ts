import { NO_BACKEND, type Capacity, type Member } from '../core/balancer.ts';

/** The members' slots as a list that an election can walk without touching an object. */
export function slotsOf(members: readonly Member[]): Uint32Array {
  return Uint32Array.from(members, (member) => member.slot);
}

/**
 * Reserves a connection at the first member with room, from index `start` on and around. The last step of every
 * election, and what makes NO_BACKEND true: it asks each member once.
 */
export function reserveFrom(slots: Uint32Array, start: number, capacity: Capacity): number {
  let index = start;
  for (let left = slots.length; left > 0; left--) {
    const slot = slots[index] as number;
    if (capacity.reserve(slot)) return slot;
    index = index + 1 === slots.length ? 0 : index + 1;
  }
  return NO_BACKEND;
}

/** Turns that an election gives to full members before it takes any member with room. */
export const TURNS = 16;

/** How often an election looks again when another thread took the place that it had chosen, before it takes any. */
export const RACES = 4;
